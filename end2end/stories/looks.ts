// How a page is looked at: in every width and scheme a picture is kept, nothing sticks out sideways, axe finds nothing.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './test';

const WIDTHS = [360, 1024, 1920];
const SCHEMES = ['light', 'dark'] as const;
/** What axe measures depends on the layout and the scheme; these have all layouts and both schemes. */
const MEASURED = ['360 light', '1920 dark'];
/** The same in all combinations, for the pages as they mostly are. */
export const ALL_MEASURED = [...MEASURED, '360 dark', '1920 light'];

const both = (width: number) => SCHEMES.map((it) => `${width} ${it}`);

/** What axe finds; the size of targets, which WCAG 2.2 asks for, it leaves out by itself. */
export async function violations(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((it) => `${id}: ${it.target.join(' ')} ${it.failureSummary}`));
}

export async function look(page: Page, name: string, measured = MEASURED, kept = WIDTHS.flatMap(both)) {
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    for (const width of WIDTHS.filter((it) => kept.includes(`${it} ${colorScheme}`))) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `results/pages/${name}-${width}-${colorScheme}.png`, fullPage: true });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      expect.soft(wide, `${name} at ${width} px fits its window`).toBeLessThanOrEqual(width);
      if (!measured.includes(`${width} ${colorScheme}`)) continue;
      expect.soft(await violations(page), `${name} at ${width} px, ${colorScheme}`).toEqual([]);
    }
  }
}

/** For a state that differs in little from one that is looked at, or does not last. */
export const glance = (page: Page, name: string) => look(page, name, MEASURED, [...MEASURED, '1024 light']);
