/**
 * A letter's body as HTML and as plain text. Every word that comes from outside is escaped here; nothing else may write
 * HTML. No tables, no scripts, no remote parts but the agency's own logo.
 */
import { inkOn } from '../kernel/colour.ts';
import { escapeHtml } from '../kernel/markup.ts';
import { type Body, type Brand, type LetterData, reference } from './letter.ts';

const defaultColour = '#1f4f8f';

export function asHtml(body: Body, data: LetterData): string {
  const { brand } = data;
  const colour = /^#[0-9a-f]{6}$/i.test(brand.colour ?? '') ? (brand.colour as string) : defaultColour;
  const paragraphs = (texts: string[] = []) => texts.map((text) => `<p style="margin:0 0 16px">${escaped(text)}</p>`);
  const lines = [
    `<h1 style="margin:0 0 20px;font-size:22px;line-height:1.3;font-weight:600;overflow-wrap:anywhere">${escaped(body.heading)}</h1>`,
    ...paragraphs([greeting(data), ...body.paragraphs]),
    ...pointsHtml(body, colour),
    ...(body.button ? [buttonHtml(body.button, colour)] : []),
    ...paragraphs(body.afterwards),
    `<p style="margin:24px 0 0">${escaped(closing(brand))}<br>${escaped(brand.name)}</p>`,
  ];
  return page({ title: body.subject, head: headHtml(brand, colour), main: lines.join('\n'), foot: footer(data) });
}

export function asText(body: Body, data: LetterData): string {
  const { brand } = data;
  const blocks = [
    greeting(data),
    ...body.paragraphs,
    (body.points ?? []).map(({ term, text }) => `- ${oneLine(term)}: ${plain(text)}`).join('\n'),
    body.button ? `${body.button.label}:\n${body.button.url}` : '',
    ...(body.afterwards ?? []),
    `${closing(brand)}\n${brand.name}`,
    `-- \n${footer(data)}`,
  ];
  return `${blocks
    .filter(Boolean)
    .map((block) => plain(block))
    .join('\n\n')}\n`;
}

/** Text that fits into a header: no line breaks, no other control characters. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').trim();
}

function greeting({ brand, recipient }: LetterData): string {
  return `${brand.words?.['greeting'] ?? 'Hello'} ${oneLine(recipient)},`;
}

const closing = ({ words }: Brand): string => words?.['closing'] ?? 'Kind regards';

function footer({ brand, client, order }: LetterData): string {
  const about = `About order ${reference(order)}, “${oneLine(order.title)}”, for ${oneLine(client)}.`;
  return brand.words?.['footer'] ? `${about} ${brand.words['footer']}` : about;
}

/** Line breaks stay; other control characters would only disturb. */
function plain(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(/(?!\n)\p{Cc}/gu, '');
}

function headHtml({ name, logoUrl }: Brand, colour: string): string {
  const isSafe = logoUrl !== undefined && /^https:\/\//i.test(logoUrl);
  const sign = isSafe
    ? `<img src="${escaped(logoUrl)}" alt="${escaped(name)}" height="40" style="height:40px;max-width:100%;border:0">`
    : escaped(name);
  return `<div style="padding:20px 28px;border-top:6px solid ${colour};font-size:18px;font-weight:600">${sign}</div>`;
}

function pointsHtml({ points = [] }: Body, colour: string): string[] {
  if (points.length === 0) return [];
  const items = points.map(
    ({ term, text }) =>
      `<dt style="font-weight:600;margin:0">${escaped(term)}</dt><dd style="margin:0 0 12px">${escaped(text)}</dd>`,
  );
  const style = `margin:0 0 20px;padding:4px 0 0 16px;border-left:3px solid ${colour}`;
  return [`<dl style="${style}">${items.join('')}</dl>`];
}

function buttonHtml({ label, url }: NonNullable<Body['button']>, colour: string): string {
  const style = [
    `display:inline-block;padding:14px 26px;border-radius:6px;background:${colour};color:${inkOn(colour)}`,
    'font-weight:600;text-decoration:none',
  ].join(';');
  return [
    `<p style="margin:8px 0 20px"><a href="${escaped(url)}" style="${style}">${escaped(label)}</a></p>`,
    '<p style="margin:0 0 20px;font-size:13px;line-height:1.5;color:#59616b;overflow-wrap:anywhere">',
    `Or copy this address into your browser:<br>${escaped(url)}</p>`,
  ].join('\n');
}

interface Parts {
  title: string;
  head: string;
  main: string;
  foot: string;
}

function page({ title, head, main, foot }: Parts): string {
  const font = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light">
<title>${escaped(oneLine(title))}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f1f3f5;color:#1c2126;font:16px/1.55 ${font}">
<div style="max-width:600px;margin:0 auto;background:#ffffff;border-radius:8px;overflow:hidden">
${head}
<main style="padding:12px 28px 28px">
${main}
</main>
<div style="padding:16px 28px;background:#f8f9fa;color:#59616b;font-size:13px;overflow-wrap:anywhere">${escaped(foot)}</div>
</div>
</body>
</html>
`;
}

const escaped = (text: string): string => escapeHtml(plain(text)).replaceAll('\n', '<br>');
