// The About screen in the browser: finding a sound, the order of the list, the server's own address in the code.
window.audioclf.about = (element, { words, address }) => {
  const part = (name) => element.querySelector(`[data-about="${name}"]`);
  const { say } = window.audioclf;
  const search = element.querySelector("#about-search");
  const holder = part("groups");
  const grouped = [...holder.children];
  const items = [...holder.querySelectorAll("li")];
  const home = new Map(items.map((item) => [item, item.parentElement]));

  // Gradio's own address, which may lie in a folder of its host.
  const here = new URL(window.gradio_config?.root || ".", location.href).href.replace(/\/$/, "");
  for (const code of element.querySelectorAll("code")) code.textContent = code.textContent.replaceAll(address, here);
  for (const link of element.querySelectorAll('a[href="/docs"]')) link.href = `${here}/docs`;

  function find() {
    const query = search.value.trim().toLowerCase();
    let shown = 0;
    for (const item of items) {
      const group = home.get(item).parentElement.dataset.group.toLowerCase();
      // A group is found by how its name begins: "water" means the water sounds, not all of nature's.
      item.hidden = !item.dataset.words.includes(query) && !group.startsWith(query);
      shown += !item.hidden;
    }
    for (const group of holder.children) group.hidden = !group.querySelector("li:not([hidden])");
    const values = { shown, count: items.length, query: search.value.trim() };
    part("count").textContent = say(shown ? words.found : words.found_none, values);
  }

  function order() {
    if (part("order").checked) {
      const all = grouped[0].cloneNode(true);
      all.querySelector("h3").textContent = words.everything;
      const hardest = [...items].sort((a, b) => (a.dataset.accuracy ?? 2) - (b.dataset.accuracy ?? 2));
      all.querySelector("ul").replaceChildren(...hardest);
      holder.replaceChildren(all);
    } else {
      for (const item of items) home.get(item).append(item);
      holder.replaceChildren(...grouped);
    }
    find();
  }

  search.addEventListener("input", find);
  part("order").addEventListener("change", order);
  search.form.addEventListener("submit", (event) => event.preventDefault());
  find();

  for (const button of element.querySelectorAll('[data-about="copy"]')) {
    const word = button.textContent;
    button.addEventListener("click", async () => {
      const code = button.closest(".about-snippet").querySelector("code").textContent;
      const copied = await navigator.clipboard?.writeText(code).then(
        () => true,
        () => false,
      );
      button.textContent = copied ? words.copied : words.copy_failed;
      setTimeout(() => (button.textContent = word), 2500);
    });
  }
};
