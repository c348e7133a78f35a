// Small helpers for building the page; text always goes in as text, never as markup.

export const find = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "className") node.className = value;
    else if (value !== undefined && value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Chinese first, English beside it, small. */
export const both = (zh, en) => [zh + " ", make("small", { lang: "en" }, en)];

export const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour12: false });

let hiding = 0;

export function toast(text, action) {
  const box = find("toast");
  box.replaceChildren(make("span", {}, text));
  if (action) {
    box.append(make("button", { type: "button", "data-testid": "toast-action", onclick: () => { box.hidden = true; action.run(); } }, action.label));
  }
  box.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { box.hidden = true; }, action ? 12000 : 4000);
}

export const store = {
  get: (key) => { try { return localStorage.getItem("zhida-lab-" + key); } catch { return null; } },
  set: (key, value) => { try { localStorage.setItem("zhida-lab-" + key, value); } catch { /* private mode */ } },
};
