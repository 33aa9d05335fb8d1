import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { drawFigure, figureNames } from './figures.js';

const folder = new URL('../../guides/figures/', import.meta.url);

describe('the pictures of the guides', () => {
  it.each(figureNames)('%s is as it is drawn anew (npm run docs:figures)', async (name) => {
    expect(readFileSync(new URL(`${name}.svg`, folder), 'utf8')).toBe(await drawFigure(name));
  });

  it('are these and no others', () => {
    expect(readdirSync(folder).toSorted()).toEqual(figureNames.map((name) => `${name}.svg`).toSorted());
  });
});
