import { FAVICON_URL, html, LOGO, raw } from './page-markup.ts';
import { START_PAGE_STYLE } from './start-page-style.ts';

/** Seconds after which the page asks again by itself. */
const RETRY_SECONDS = '5';

/** The start page while the database is away: it comes back without the reader doing anything. */
export function unavailablePage(): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Bulkhead: the database does not answer</title>
<link rel="icon" href="${FAVICON_URL}">
<meta http-equiv="refresh" content="${RETRY_SECONDS}">
<style>${raw(START_PAGE_STYLE)}</style>
</head>
<body>
<header>${LOGO}<h1>Bulkhead</h1></header>
<main id="content"><h2>The database does not answer at the moment</h2>
<div class="box"><p>Nothing is lost: what is indexed stays where it is. This page asks again every ${RETRY_SECONDS} seconds.</p>
<p>If it stays like this, see whether ClickHouse runs, and the log of this server. <a href="/health">State of this server</a>.</p></div></main>
</body>
</html>
`.markup;
}
