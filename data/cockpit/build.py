#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 truenas-ssh contributors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Build the Cockpit page: bundle it, and make its translations.

build.py SOURCE MODULES OUTPUT DBUS-SERVICE [FILE.po…]: what esbuild in the folder MODULES makes of SOURCE/src, and
what else the page needs, goes into OUTPUT. The same input gives the same bytes.
"""

import gettext
import gzip
import io
import json
import os
import pathlib
import re
import subprocess
import sys

RIGHT_TO_LEFT = ('ar', 'fa', 'he', 'ur')


def bundle(source, modules, output):
    """One file of JavaScript and one of CSS."""
    programs = sorted(modules.glob('@esbuild/*/bin/esbuild'))
    if not programs:
        sys.exit(f'{modules}: esbuild is not there; run npm ci in {source}')
    subprocess.run(
        [programs[0], source / 'src/index.jsx', '--bundle', '--minify', '--target=es2022', '--jsx=automatic',
         '--define:process.env.NODE_ENV="production"', '--external:*.woff2', '--log-level=warning',
         '--legal-comments=none', f'--outfile={output}/index.js'],
        check=True, env={**os.environ, 'NODE_PATH': str(modules)})
    # Fonts are Cockpit's own, of which older ones have other files: page.css names those too.
    css = output / 'index.css'
    css.write_text(re.sub(r'url\(["\']?[^"\')]*?([^/"\')]+\.woff2)["\']?\)', r'url("../../static/fonts/\1")',
                          css.read_text('utf-8')), 'utf-8')


def locale(po, only=None):
    """A translation in the form that cockpit.js takes; what is translated, or ONLY those texts of it."""
    mo = subprocess.run(['msgfmt', '-o', '-', po], check=True, stdout=subprocess.PIPE).stdout
    catalog = gettext.GNUTranslations(io.BytesIO(mo))
    info = catalog.info()
    language = info.get('language', po.stem)
    plurals = re.search(r'plural=(.*?);?$', info.get('plural-forms', 'plural=(n != 1)')).group(1)
    texts = {}
    for key, text in sorted(catalog._catalog.items(), key=str):
        if only is not None and key not in only:
            continue
        if isinstance(key, tuple):
            texts.setdefault(key[0], [None]).append(text)
        elif key:
            texts[key] = [None, text]
    head = (f'"plural-forms":n=>Number({plurals}),"language":{json.dumps(language)},'
            f'"language-direction":"{"rtl" if language in RIGHT_TO_LEFT else "ltr"}"')
    rest = json.dumps(texts, ensure_ascii=False, separators=(',', ':'))[1:]
    return f'cockpit.locale({{"":{{{head}}},{rest});\n'


def licences(modules, output):
    """The licences of all that is bundled."""
    parts = []
    for package in sorted(modules.glob('**/package.json')):
        about = json.loads(package.read_text('utf-8'))
        folder = package.parent
        if folder.parent not in (modules, modules / '@patternfly') or about['name'] in TOOLS:
            continue
        texts = [path.read_text('utf-8').strip() for path in sorted(folder.glob('LICENSE*'))[:1]]
        parts.append('\n\n'.join([f'{about["name"]} {about["version"]}: {about.get("license")}', *texts]))
    (output / 'LICENSES.txt').write_text(('\n\n' + '-' * 72 + '\n\n').join(parts) + '\n', 'utf-8')


TOOLS = ('esbuild', 'playwright-core', 'axe-core')


def main():
    """Make everything."""
    source, modules, output = map(pathlib.Path, sys.argv[1:4])
    output.mkdir(exist_ok=True)
    bundle(source, modules, output)
    manifest = (source / 'manifest.json').read_text('utf-8').replace('@DBUS_SERVICE@', sys.argv[4])
    (output / 'manifest.json').write_text(manifest, 'utf-8')
    (output / 'index.html').write_bytes((source / 'index.html').read_bytes())
    # What Cockpit's menu shows; the page's heading is the same text.
    labels = [each['label'] for each in json.loads(manifest)['menu'].values()]
    for po in map(pathlib.Path, sys.argv[5:]):
        (output / f'po.{po.stem}.js').write_text(locale(po), 'utf-8')
        (output / f'po.manifest.{po.stem}.js').write_text(locale(po, labels), 'utf-8')
    licences(modules, output)
    for name in ('index.js', 'index.css'):
        path = output / name
        path.with_name(f'{name}.gz').write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        path.unlink()


if __name__ == '__main__':
    main()
