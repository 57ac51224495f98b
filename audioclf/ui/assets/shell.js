// What every screen's script may use: window.audioclf. Gradio draws the page after this has run, and
// draws parts of it anew, so scripts ask to be told when an element appears.
window.audioclf = (() => {
  const waiting = [];
  const look = () => {
    for (const { selector, callback, done } of waiting) {
      for (const element of document.querySelectorAll(selector)) {
        if (!done.has(element)) {
          done.add(element);
          callback(element);
        }
      }
    }
  };
  new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
  return {
    /** Calls back once for each element that matches, now or later. */
    whenever(selector, callback) {
      waiting.push({ selector, callback, done: new WeakSet() });
      look();
    },
  };
})();
