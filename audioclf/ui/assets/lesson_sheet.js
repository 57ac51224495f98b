// The lesson as a work sheet for the printer, with a key for the teacher on its last page.
audioclf.lessonSheet = (questions, words) => {
  const { h, picture } = audioclf.draw;
  // Beside the page and with a style of its own: gradio's style sheets reach only what is inside its container.
  const style = `
.lesson-sheet { display: none; }
@media print {
  @page { margin: 14mm; }
  body > *:not(.lesson-sheet) { display: none !important; }
  html, body { background: #fff !important; margin: 0; }
  .lesson-sheet { display: block; color: #000; background: #fff; font: 11pt/1.4 system-ui, sans-serif; }
  .lesson-sheet h1 { font-size: 20pt; margin: 0 0 6pt; }
  .lesson-sheet h2 { font-size: 14pt; margin: 0 0 4pt; }
  .lesson-sheet p { margin: 0 0 6pt; }
  .lesson-sheet .who { white-space: pre; margin-bottom: 12pt; }
  .lesson-sheet section { break-inside: avoid; margin-bottom: 14pt; }
  .lesson-sheet .key { break-before: page; }
  .lesson-sheet .pictures { display: flex; gap: 12pt; margin: 6pt 0; }
  .lesson-sheet figure { margin: 0; flex: 1; max-width: 46%; text-align: center; }
  .lesson-sheet img { width: 100%; height: 64pt; image-rendering: pixelated; }
  .lesson-sheet .box { margin-right: 18pt; white-space: nowrap; }
  .lesson-sheet .lines { border-bottom: 0.5pt solid #000; height: 34pt; }
}`;
  // Some browsers leave canvases out when they print.
  const image = (map) => h("img", { src: picture(map).toDataURL(), alt: "" });
  const figure = (map, title) => h("figure", {}, image(map), h("figcaption", {}, title));
  const textOf = (question, id) => question.options.find((option) => option.id === id)?.text;

  const section = (question) =>
    h(
      "section",
      {},
      h("h2", {}, `${question.step}. ${question.title}`),
      h("p", {}, question.lead),
      h(
        "div",
        { class: "pictures" },
        (question.pictures || []).map((one) => figure(one.map, one.letter)),
        question.picture ? figure(question.picture, words.sheet_picture) : "",
      ),
      h("p", {}, h("b", {}, question.ask)),
      h("p", {}, question.options.map(({ text }) => h("span", { class: "box" }, `☐ ${text} `))),
      h("p", { class: "lines" }, words.sheet_because),
    );

  const key = (question) =>
    h(
      "p",
      {},
      h("b", {}, `${question.step}. ${question.right ? `${textOf(question, question.right)}. ` : ""}`),
      (question.pictures || []).map((one) => `${audioclf.say(words.sheet_is, one)} `).join(""),
      (question.rows || []).map((row) => `${row.title}: ${row.answer}, ${row.said}. `).join(""),
      question.after,
    );

  document.querySelector(".lesson-sheet")?.remove();
  document.body.append(
    h(
      "div",
      { class: "lesson-sheet" },
      h("style", {}, style),
      h("h1", {}, words.sheet_title),
      h("p", { class: "who" }, words.sheet_who),
      questions.map(section),
      h("section", { class: "key" }, h("h2", {}, words.sheet_teacher), questions.map(key)),
    ),
  );
  addEventListener("afterprint", () => document.querySelector(".lesson-sheet")?.remove(), { once: true });
  window.print();
};
