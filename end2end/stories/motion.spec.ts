// Who asks their system for less motion gets none.
import { choose, open } from './check';
import { holdReading } from './hold';
import { write } from './sales';
import { expect, test } from './test';

/** All that the style sheet has move while nobody scrolls, each with the condition under which it does. */
const moving = () => {
  const found: { what: string; under: string }[] = [];
  // What shows and hides is no motion.
  const still = ['display', 'visibility', 'opacity'];
  const moves = (it: CSSKeyframesRule) =>
    [...it.cssRules].some((key) => [...(key as CSSKeyframeRule).style].some((name) => !still.includes(name)));
  const all: CSSKeyframesRule[] = [];
  const walk = (rules: CSSRuleList, under: string) => {
    for (const rule of rules) {
      if (rule instanceof CSSKeyframesRule) all.push(rule);
      if (rule instanceof CSSStyleRule) {
        const { style, selectorText } = rule;
        const lasts = (time: string) => time.split(',').some((it) => it.includes('var(') || parseFloat(it) > 0);
        if (lasts(style.transitionDuration) || style.transition.includes('var(')) found.push({ what: selectorText, under });
        if (style.scrollBehavior === 'smooth') found.push({ what: selectorText, under });
        if (style.animationName && style.animationName !== 'none') found.push({ what: `@${style.animationName}`, under });
      }
      const inner = rule as CSSGroupingRule;
      if (inner.cssRules && !(rule instanceof CSSKeyframesRule)) {
        walk(inner.cssRules, rule instanceof CSSMediaRule ? `${under} ${rule.media.mediaText}` : under);
      }
    }
  };
  for (const sheet of document.styleSheets) walk(sheet.cssRules, '');
  return found.filter(({ what }) => !what.startsWith('@') || all.some((it) => `@${it.name}` === what && moves(it)));
};

test('nothing moves by itself where less motion is asked for', async ({ page }, info) => {
  const path = info.outputPath('still.csv');
  await write(path, 60_000, 'still');
  await holdReading(page, 0.5);
  await open(page);
  const rules = await page.evaluate(moving);
  expect(rules.length).toBeGreaterThan(0);
  expect(rules.filter((it) => !it.under.includes('prefers-reduced-motion: no-preference'))).toEqual([]);

  // While a file is read, what shows its progress jumps.
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await choose(page, path);
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect(page.getByText(/^Judging: /)).toBeVisible();
  const running = () => document.getAnimations().filter((it) => Number(it.effect?.getComputedTiming().duration) > 0).length;
  expect(await page.evaluate(running)).toBe(0);
  const timed = await page.evaluate(() =>
    [...document.querySelectorAll('*')].filter((it) => {
      const { transitionDuration, scrollBehavior } = getComputedStyle(it);
      return scrollBehavior === 'smooth' || transitionDuration.split(',').some((time) => parseFloat(time) > 0);
    }).length,
  );
  expect(timed).toBe(0);
});
