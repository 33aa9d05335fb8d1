// The pages are written for the repository. This plugin of TypeDoc makes them right on the site.
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { PageEvent, RendererEvent } from 'typedoc';
import { root } from './packages.mjs';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const repository = manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.renderer.on(RendererEvent.BEGIN, ({ project }) => {
    for (const reflection of [project, ...Object.values(project.reflections)]) {
      if (reflection.readme !== undefined) dropTitle(reflection.readme);
      for (const part of [...(reflection.readme ?? []), ...(reflection.content ?? [])])
        leadToRepository(part, project);
    }
  });
  app.renderer.on(PageEvent.END, (page) => {
    if (page.contents === undefined) return;
    const links = { ...app.options.getValue('navigationLinks'), ...app.options.getValue('sidebarLinks') };
    page.contents = inScrollingBoxes(leadIntoSite(page.contents, page.url, Object.values(links)));
  });
}

/** TypeDoc writes the name of a package above its README, which begins with it too. */
function dropTitle(parts) {
  const [first] = parts;
  if (first !== undefined) first.text = first.text.replace(/^\s*# .*\n/, '');
}

/** The examples are no pages of the site: a link to one leads to the repository. */
function leadToRepository(part, project) {
  if (part.kind !== 'relative-link' || part.target === undefined) return;
  const file = project.files.resolve(part.target, project);
  if (typeof file !== 'string') return;
  const path = relative(root, file).split(sep).join('/');
  if (!path.startsWith('examples/')) return;
  const shown = basename(path) === 'README.md' ? dirname(path) : path;
  const view = statSync(join(root, shown)).isDirectory() ? 'tree' : 'blob';
  part.text = `${repository}/${view}/main/${shown}`;
  part.target = undefined;
}

/** TypeDoc writes the links of its navigation as they stand in the options, the same on each page. */
function leadIntoSite(html, url, links) {
  const toRoot = '../'.repeat(url.split('/').length - 1);
  return [...new Set(links)]
    .filter((link) => !/^[a-z][a-z0-9+.-]*:/i.test(link))
    .reduce((text, link) => text.replaceAll(`href="${link}"`, `href="${toRoot}${link}"`), html);
}

/** A table that is wider than the screen scrolls by itself, instead of the whole page. */
function inScrollingBoxes(html) {
  return html
    .replaceAll('<table>', '<div class="scrolling"><table>')
    .replaceAll('</table>', '</table></div>');
}
