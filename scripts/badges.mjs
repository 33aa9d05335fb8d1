// The badges of the READMEs, drawn from the manifests. `node scripts/badges.mjs` writes them to docs/badges.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { publishedPackages, root } from './packages.mjs';

const FOLDER = 'docs/badges';
const CHARACTER = 6.6;
const PADDING = 8;

/** The text of each badge by its file; what it says is read from the manifests. */
export function badges() {
  const { engines, license, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const found = new Map();
  found.set('license.svg', drawBadge('license', license));
  found.set('node.svg', drawBadge('node', engines.node.replace('>=', '≥ ')));
  for (const { directory, dependencies = {} } of publishedPackages()) {
    const names = Object.keys(dependencies).join(', ') || 'none';
    found.set(`${basename(directory)}-dependencies.svg`, drawBadge('dependencies', names));
  }
  const page = repository.url.replace(/^git\+|\.git$/g, '');
  return { files: found, page };
}

/** The line of badges that the README of the package in `folder` has. */
export function badgeLine(folder) {
  const { page } = badges();
  const image = (alt, file) => `![${alt}](../../${FOLDER}/${file})`;
  return [
    `[![CI](${page}/actions/workflows/ci.yml/badge.svg)](${page}/actions/workflows/ci.yml)`,
    image('license', 'license.svg'),
    image('supported Node', 'node.svg'),
    image('dependencies', `${folder}-dependencies.svg`),
  ].join('\n');
}

function drawBadge(label, value) {
  const [left, right] = [label, value].map((text) => Math.round(text.length * CHARACTER + 2 * PADDING));
  const width = left + right;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${label}: ${value}">
  <rect width="${width}" height="20" rx="3" fill="#424a53"/>
  <path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-${right - 3}z" fill="#0a5fb4"/>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="${left / 2}" y="14">${label}</text>
    <text x="${left + right / 2}" y="14">${value}</text>
  </g>
</svg>
`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, FOLDER), { recursive: true });
  for (const [file, text] of badges().files) writeFileSync(join(root, FOLDER, file), text);
}
