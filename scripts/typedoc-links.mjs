// TypeDoc writes the links of its navigation as they stand in the options, the same on each page. This plugin
// makes those that lead into the site relative to the page.
import { PageEvent } from 'typedoc';

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents === undefined) return;
    const toRoot = '../'.repeat(page.url.split('/').length - 1);
    const links = { ...app.options.getValue('navigationLinks'), ...app.options.getValue('sidebarLinks') };
    for (const link of new Set(Object.values(links))) {
      if (!/^[a-z][a-z0-9+.-]*:/i.test(link))
        page.contents = page.contents.replaceAll(`href="${link}"`, `href="${toRoot}${link}"`);
    }
  });
}
