// Pictures and numbers to take away, made by the server with axes and at print size.
audioclf.insideSave = (() => {
  const { h } = audioclf.draw;

  async function save(screen, button, wanted) {
    const words = button.textContent;
    button.disabled = true;
    button.textContent = "…";
    try {
      for (const key of screen.state.keys) {
        const file = await screen.ask("file", { key, colours: audioclf.draw.current(), ...wanted });
        const bytes = Uint8Array.from(atob(file.base64), (c) => c.charCodeAt(0));
        const address = URL.createObjectURL(new Blob([bytes], { type: file.type }));
        h("a", { href: address, download: file.name }).click();
        setTimeout(() => URL.revokeObjectURL(address), 60_000);
      }
    } finally {
      button.disabled = false;
      button.textContent = words;
    }
  }

  /** Two buttons below a picture. */
  const row = (screen, what, more = {}) =>
    h(
      "p",
      { class: "inside-save" },
      `${screen.words.save_picture} `,
      ["png", "svg"].map((kind) =>
        h(
          "button",
          { type: "button", class: "inside-chip", "data-save-as": kind, onclick: (event) => save(screen, event.currentTarget, { kind, what, ...more }) },
          kind.toUpperCase(),
        ),
      ),
    );

  return Object.assign(row, { save });
})();
