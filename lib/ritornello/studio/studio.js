// What the widgets leave out for keyboards and screen readers: names of sliders, a live region,
// landmarks. Widgets are drawn late and again, so it watches for them.
(() => {
  const name = (slider) => {
    const label = slider.closest('.widget-slider')?.querySelector('.widget-label')?.textContent;
    slider.querySelectorAll('.noUi-handle').forEach((handle) => {
      if (label && handle.getAttribute('aria-label') !== label) handle.setAttribute('aria-label', label);
    });
  };
  const set = (element, values) => {
    for (const [key, value] of Object.entries(values)) {
      if (element.getAttribute(key) !== value) element.setAttribute(key, value);
    }
  };
  const mend = () => {
    document.querySelectorAll('.studio .noUi-target').forEach(name);
    document.querySelectorAll('.studio .widget-readout').forEach((readout) => {
      const label = readout.closest('.widget-slider')?.querySelector('.widget-label')?.textContent;
      set(readout, { 'aria-label': `${label}, typed`, role: 'textbox' });
    });
    document.querySelectorAll('.studio-message .widget-html-content').forEach((region) =>
      set(region, { role: 'status', 'aria-live': 'polite', 'aria-atomic': 'true' }));
    document.querySelectorAll('.studio-controls').forEach((box) =>
      set(box, { role: 'form', 'aria-label': 'Settings' }));
    document.querySelectorAll('.studio-panel').forEach((box) =>
      set(box, { role: 'group', 'aria-label': box.querySelector('h2')?.textContent ?? 'Setting' }));
    document.querySelectorAll('.studio-answers').forEach((box) =>
      set(box, { role: 'region', 'aria-label': 'Playlist and pictures' }));
    document.querySelectorAll('.studio').forEach((box) => set(box, { role: 'main' }));
  };
  set(document.documentElement, { lang: 'en' });
  if (document.querySelector('#rendered_cells, .voila-spinner') || document.title.startsWith('studio')) {
    document.title = 'Ritornello studio';
  }
  new MutationObserver(mend).observe(document.body, { childList: true, subtree: true });
  mend();
})();
