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

  let speaker;
  return {
    /** Calls back once for each element that matches, now or later. */
    whenever(selector, callback) {
      waiting.push({ selector, callback, done: new WeakSet() });
      look();
    },

    /** A sentence with its {words} filled in. */
    say: (template, values = {}) => template.replace(/\{(\w+)\}/g, (_, word) => values[word]),

    /** Has a screen reader say it, without moving the focus. */
    announce(text) {
      if (!speaker) {
        speaker = document.createElement("div");
        speaker.className = "unseen";
        speaker.setAttribute("role", "status");
        document.body.append(speaker);
      }
      // Emptied first: the same answer twice is said twice.
      speaker.textContent = "";
      setTimeout(() => (speaker.textContent = text), 50);
    },
  };
})();

// Pictures that a screen wants saved: an <a data-save download> is taken as soon as it appears. On a phone it goes to
// the phone's own sheet, to be sent to somebody or saved; elsewhere it is a download.
audioclf.whenever("a[data-save]", async (link) => {
  try {
    if (navigator.canShare && matchMedia("(pointer: coarse)").matches) {
      const blob = await (await fetch(link.href)).blob();
      const files = [new File([blob], link.download, { type: blob.type })];
      if (navigator.canShare({ files })) return await navigator.share({ files });
    }
  } catch (error) {
    if (error.name === "AbortError") return; // put away by the person
  }
  link.click();
});
