/** The colour scheme that the reader has chosen on the pages of the site; `undefined` for that of the system. */
export function chosenScheme(): 'light' | 'dark' | undefined {
  try {
    const theme = localStorage.getItem('tsd-theme');
    return theme === 'light' || theme === 'dark' ? theme : undefined;
  } catch {
    return undefined; // a browser may refuse to keep anything for a page
  }
}
