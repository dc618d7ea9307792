// Ends the page's kernel when the page goes. It stands before everything else on the page, so that it
// holds while the page is still opening.
(() => {
  const loading = document.getElementById('loading_text');
  if (loading) loading.textContent = 'Opening the studio …';
  window.voila_process = () => {};
  // Voilà ends the kernel here, also when the page stays, as after a link to a file or an app.
  addEventListener('beforeunload', (event) => event.stopImmediatePropagation());
  addEventListener('pagehide', () => {
    const page = JSON.parse(document.getElementById('jupyter-config-data').textContent);
    const token = document.cookie.match('\\b_xsrf=([^;]*)\\b');
    const form = new FormData();
    form.append('_xsrf', token ? token[1] : '');
    navigator.sendBeacon(`${page.baseUrl}voila/api/shutdown/${page.kernelId}`, form);
  });
  // a page that the browser kept and shows again has no kernel any more
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
})();
