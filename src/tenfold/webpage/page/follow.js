/** Answers that follow a drawing: one question at a time, and none about what is no longer there. */

/** Milliseconds between a change while the pen is down and the question; more changes wait for the answer. */
const WHILE_DRAWING = 60;

/** Milliseconds after which a question is given up, and after which waiting is shown. */
const PATIENCE = 60_000;
const SLOW = 300;

/**
 * Return {change, finish, restart, stop}: the drawing grew, a stroke ended, it is another drawing, there is
 * none.
 *
 * ask(signal) resolves to an answer; tell(answer), fail(error) and wait(isSlow) are told what comes of it,
 * and busy(isBusy) whether one is due.
 */
export function makeFollower({ ask, tell, fail, wait, busy }) {
  let current = null;
  let isBehind = false;
  let timer = 0;
  const report = () => busy(Boolean(current || timer));

  async function run() {
    timer = 0;
    isBehind = false;
    const question = open(wait);
    current = question;
    try {
      const answer = await ask(question.signal);
      if (current === question) tell(answer);
    } catch (error) {
      if (current === question) answerFailure(error, question);
    } finally {
      question.close();
      if (current === question) current = null;
      if (isBehind && !current && !timer) start(0);
      report();
    }
  }
  function answerFailure(error, question) {
    fail(question.signal.aborted ? new Error("That took too long. Your next stroke asks again.") : error);
    if (error.wait) start(1000 * error.wait);
  }
  function start(delay) {
    if (current) isBehind = true;
    else if (!timer || delay === 0) {
      clearTimeout(timer);
      timer = setTimeout(run, delay);
    }
    report();
  }
  function stop() {
    clearTimeout(timer);
    timer = 0;
    isBehind = false;
    const left = current;
    current = null;
    left?.abort();
    report();
  }
  return {
    change: () => start(WHILE_DRAWING),
    finish: () => start(0),
    restart: () => (stop(), start(0)),
    stop,
  };
}

/** Return a question that can be given up, and says when it takes long. */
function open(wait) {
  const controller = new AbortController();
  const slow = setTimeout(wait, SLOW, true);
  const patience = setTimeout(() => controller.abort(), PATIENCE);
  const close = () => (clearTimeout(slow), clearTimeout(patience), wait(false));
  return { signal: controller.signal, abort: () => controller.abort(), close };
}
