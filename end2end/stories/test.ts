// What every story watches: no error of a page, nothing that the content policy had to forbid.
import { test as base, expect, type Page, type Request } from '@playwright/test';

export const test = base.extend<{ errors: string[] }>({
  errors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.stack ?? error.message));
      page.on('console', (message) => {
        // The browser notes every answer above 399 there; those are part of the stories.
        const answer = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !answer) errors.push(message.text());
      });
      await use(errors);
      expect(errors).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** What the page asks of the network from now on, its own programs, the contracts and the tab's picture left out. */
export function requests(page: Page): Request[] {
  const seen: Request[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    const usual = pathname.startsWith('/pkg/') || ['/api/v1/contracts', '/favicon.svg'].includes(pathname);
    if (!usual) seen.push(request);
  });
  return seen;
}

/** Those that bring something to the server; asking for what a page shows goes by `/pages/`. */
export const uploads = (seen: Request[]) =>
  seen.filter((it) => it.method() !== 'GET').map(named).filter((it) => !it.startsWith('POST /pages/'));

export const named = (request: Request) => `${request.method()} ${new URL(request.url()).pathname}`;
