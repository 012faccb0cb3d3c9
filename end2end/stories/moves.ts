// What moves on a page without its reader's doing.
import type { Page } from '@playwright/test';

/** From the next page on, what moves without the reader's doing is noted. */
export const watchMoves = (page: Page) =>
  page.addInitScript(() => {
    const moved: string[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Node }[] })[]) {
        moved.push(`${entry.value} ${entry.sources.map(({ node }) => (node as Element)?.className ?? node?.nodeName).join(', ')}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });

export const moves = (page: Page) => page.evaluate(() => (window as unknown as { moved: string[] }).moved);
