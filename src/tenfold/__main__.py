"""Run the command line as ``python -m tenfold``."""

from tenfold.cli.main import main

if __name__ == "__main__":  # and not where a worker of `tenfold batch` imports it
    main()
