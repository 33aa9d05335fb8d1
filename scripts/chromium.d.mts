/** Where a Chromium is, or why there is none. Installs one on Debian and Ubuntu when asked by root. */
export function findChromium(): { readonly path: string } | { readonly missing: string };
