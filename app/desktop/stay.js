((home) => {
  if (!location.href.startsWith(home)) {
    location.replace(home);
    return;
  }
  if (window.portolanStays) return;
  window.portolanStays = true;
  const app = window.go.desktop.App;

  addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element && event.target.closest("a[href]");
      if (!link || link.origin === location.origin) return;
      event.preventDefault();
      app.OpenURL(link.href).catch(() => {});
    },
    true,
  );
  for (const kind of ["auxclick", "dragover", "drop"]) {
    addEventListener(kind, (event) => event.preventDefault(), true);
  }
  window.open = (address) => {
    app.OpenURL(String(new URL(address, location.href))).catch(() => {});
    return null;
  };

  let last = "";
  const colour = () => {
    const found = getComputedStyle(document.body).backgroundColor;
    const parts = found.match(/^rgb\((\d+), (\d+), (\d+)\)$/);
    if (!parts || found === last) return;
    last = found;
    app.Background(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  };
  requestAnimationFrame(() => requestAnimationFrame(colour));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTimeout(colour));
  new MutationObserver(colour).observe(document.documentElement, { attributes: true });
})("HOME");
