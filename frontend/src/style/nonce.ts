// A page in a browser comes with a policy that lets a style element in only with the page's nonce (app/web). Mantine asks
// for it through its provider; the dialogs' scroll lock, by the package get-nonce, looks for the name that webpack has
// for it. In a window there is no policy and no nonce.

declare global {
  var __webpack_nonce__: string | undefined;
}

/** The nonce for the style elements that are made while the page runs; "" where none is needed. */
export function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

globalThis.__webpack_nonce__ = styleNonce() || undefined;
