// Reading that stops where it is wanted, so that there is time to look at it.
import type { Page } from '@playwright/test';

/** From the next page on, workers fall silent once so much of a file was judged, from 0 to 1. */
export const holdReading = (page: Page, share: number) =>
  page.addInitScript((share) => {
    window.Worker = class extends Worker {
      constructor(...how: ConstructorParameters<typeof Worker>) {
        super(...how);
        let silent = false;
        this.addEventListener('message', (event) => {
          const { progress, judged } = JSON.parse(event.data.text ?? '{}');
          silent ||= judged !== undefined || (progress?.phase === 'judge' && progress.bytes > progress.total * share);
          if (silent) event.stopImmediatePropagation();
        });
      }
    };
  }, share);
