// The words of a PDF that Chromium printed, page by page. It writes plain objects, one stream each, and text as numbers
// of glyphs, which the font's ToUnicode map makes letters again.
import { inflateSync } from 'node:zlib';

export function words(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  const objects = new Map<string, { head: string; body: string }>();
  for (const [, id, object] of text.matchAll(/(?:^|\n)(\d+) 0 obj\r?\n([\s\S]*?)\nendobj/g)) {
    const at = object.indexOf('stream\n');
    const head = at < 0 ? object : object.slice(0, at);
    const raw = at < 0 ? '' : object.slice(at + 7, object.lastIndexOf('\nendstream'));
    const body = head.includes('/FlateDecode') ? inflateSync(Buffer.from(raw, 'latin1')).toString('latin1') : raw;
    objects.set(id, { head, body });
  }
  const reference = (head: string, key: string) => new RegExp(`/${key}\\s+(\\d+) 0 R`).exec(head)?.[1] ?? '';
  const pages = [...objects.values()].filter(({ head }) => /\/Type\s*\/Page\b/.test(head));
  return pages.map(({ head }) => {
    const fonts = new Map<string, Map<string, string>>();
    for (const [, name, id] of head.matchAll(/\/(F\d+)\s+(\d+) 0 R/g)) {
      const map = objects.get(reference(objects.get(id)?.head ?? '', 'ToUnicode'));
      fonts.set(name, letters(map?.body ?? ''));
    }
    const drawn = objects.get(reference(head, 'Contents'))?.body ?? '';
    let font = new Map<string, string>();
    let said = '';
    for (const [, name, hex, end] of drawn.matchAll(/\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>|(\bET\b)/g)) {
      if (name) font = fonts.get(name) ?? new Map();
      else if (end) said += ' ';
      else for (const glyph of hex.match(/.{4}/g) ?? []) said += font.get(glyph.toUpperCase()) ?? '';
    }
    // Letters that a font draws as one are letters again.
    return said.normalize('NFKC').replace(/\s+/g, ' ');
  });
}

/** Glyph to letters, both as four figures of hex. */
function letters(map: string): Map<string, string> {
  const found = new Map<string, string>();
  const letter = (hex: string) => (hex.match(/.{4}/g) ?? []).map((it) => String.fromCharCode(parseInt(it, 16))).join('');
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  for (const [, block] of map.matchAll(/beginbfchar([\s\S]*?)endbfchar/g)) {
    for (const [, glyph, to] of block.matchAll(/<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]+)>/g)) found.set(glyph.toUpperCase(), letter(to));
  }
  for (const [, block] of map.matchAll(/beginbfrange([\s\S]*?)endbfrange/g)) {
    for (const [, first, last, to] of block.matchAll(/<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>\s*<([0-9A-Fa-f]{4})>/g)) {
      for (let at = parseInt(first, 16); at <= parseInt(last, 16); at++) {
        found.set(hex(at), String.fromCharCode(parseInt(to, 16) + at - parseInt(first, 16)));
      }
    }
  }
  return found;
}
