import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const FOLDER = /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** The notices of exactly those packages whose code or files went into the build, as one text file beside it. */
export function licenses(fileName = 'THIRD_PARTY_LICENSES.txt'): Plugin {
  return {
    name: 'nightdesk-licenses',
    apply: 'build',
    generateBundle() {
      const folders = new Set<string>();
      for (const id of this.getModuleIds()) {
        const folder = FOLDER.exec(id.replace(/^\0/, ''))?.[1];
        if (folder !== undefined) folders.add(folder);
      }
      // The font is named by url(...) in a style sheet, so it is no module of its own.
      folders.add(join(import.meta.dirname, 'node_modules', '@fontsource-variable', 'inter'));
      this.emitFile({ type: 'asset', fileName, source: [...folders].sort().map(notice).join('\n') });
    },
  };
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined || !existsSync(join(folder, file))) throw new Error(`${name} ${version} carries no licence text`);
  const rule = '-'.repeat(78);
  return `${rule}\n${name} ${version} (${license})\n${rule}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`;
}
