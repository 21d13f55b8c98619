"""Rows given to columns at the least cost."""

import numpy as np
from numpy.typing import NDArray


def assign(costs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give each row a column of its own so that the sum of the costs is least.

    Parameters
    ----------
    costs : ndarray of shape (n_rows, n_columns), dtype=float64
        Finite; no more rows than columns.

    Returns
    -------
    ndarray of shape (n_rows,), dtype=int64
        The column of each row.

    Notes
    -----
    Shortest augmenting paths, in n_rows² × n_columns steps. Source: D. F. Crouse, "On implementing 2D
    rectangular assignment algorithms", IEEE Transactions on Aerospace and Electronic Systems 52 (2016).
    """
    n_rows, n_columns = costs.shape
    prices = np.zeros(n_rows), np.zeros(n_columns)
    row_of = np.full(n_columns, -1)  # -1: free
    for row in range(n_rows):
        column, before = _extend(costs, prices, row_of, row)
        while column >= 0:  # each column on the path gets the row of the one before it
            previous = before[column]
            row_of[column] = row_of[previous] if previous >= 0 else row
            column = previous
    columns = np.zeros(n_rows, np.int64)
    columns[row_of[row_of >= 0]] = np.flatnonzero(row_of >= 0)
    return columns


def _extend(
    costs: NDArray[np.float64],
    prices: tuple[NDArray[np.float64], NDArray[np.float64]],
    row_of: NDArray[np.int64],
    row: int,
) -> tuple[int, NDArray[np.int64]]:
    """Find the shortest path from a row to a free column, and renew the prices of rows and columns.

    Returns that column, and for each column the one before it on its path, -1 for none.
    """
    of_rows, of_columns = prices
    shortest = np.full(len(row_of), np.inf)
    open_shortest = shortest.copy()  # infinite where a column's path is settled
    before = np.full(len(row_of), -1)
    settled: list[int] = []
    column, current, length = -1, row, 0.0
    while current >= 0:
        through = length + costs[current] - of_rows[current] - of_columns
        through[settled] = np.inf
        better = through < open_shortest
        shortest[better] = open_shortest[better] = through[better]
        before[better] = column
        column = int(open_shortest.argmin())
        length, current = float(shortest[column]), int(row_of[column])
        open_shortest[column] = np.inf
        settled.append(column)
    passed = settled[:-1]
    of_rows[row] += length
    of_rows[row_of[passed]] += length - shortest[passed]
    of_columns[passed] -= length - shortest[passed]
    return column, before
