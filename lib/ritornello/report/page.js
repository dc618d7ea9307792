"use strict";

// A box whose table is wider than itself says so until its end is reached.
function hint(box) {
  const hidden = box.scrollWidth - box.clientWidth;
  box.parentElement.classList.toggle("wide", hidden > 1);
  box.parentElement.classList.toggle("at-end", box.scrollLeft >= hidden - 1);
}
const boxes = [...document.querySelectorAll(".scroll")];
const observer = new ResizeObserver(entries => entries.forEach(entry => hint(entry.target)));
for (const box of boxes) {
  observer.observe(box);
  box.addEventListener("scroll", () => hint(box), {passive: true});
}

// Numbers as the page writes them: 1,234, +0.0012, −3.1 %, < 0.001, 12.3 s, 0.2 to 0.3.
const NUMBER = /^(< )?([+−-]?[\d,]*\.?\d+(?:e[+−-]?\d+)?)(?: ?%| [a-z].*)?$/;
function number(text) {
  const parts = NUMBER.exec(text);
  if (!parts) return NaN;
  return Number(parts[2].replaceAll(",", "").replaceAll("−", "-")) * (parts[1] ? 0.999 : 1);
}

const text = (row, column) => row.cells[column].textContent.trim();
const missing = text => text === "" || text === "–";
const numeric = (rows, column) =>
  rows.every(row => missing(text(row, column)) || !Number.isNaN(number(text(row, column))));

// What was not measured comes last in either direction; equal rows keep their order.
function sort(body, column, direction) {
  const rows = [...body.rows];
  const last = rows.filter(row => missing(text(row, column)));
  const known = rows.filter(row => !last.includes(row));
  const compare = numeric(rows, column)
    ? (a, b) => number(text(a, column)) - number(text(b, column))
    : (a, b) => text(a, column).localeCompare(text(b, column), "en", {numeric: true});
  known.sort((a, b) => direction * compare(a, b));
  body.append(...known, ...last);
}

for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  if (body.rows.length < 2) continue;
  const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const first = numeric([...body.rows], column) ? "descending" : "ascending";
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const wanted = !before ? first : before === "ascending" ? "descending" : "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", wanted);
      sort(body, column, wanted === "ascending" ? 1 : -1);
    });
  });
}
