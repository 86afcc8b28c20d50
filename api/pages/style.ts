/** The look of the public pages: one style sheet, in the agency's colour, readable on it and on the smallest screen. */
import { inkOn } from '../../kernel/colour.ts';

const base = `
*{box-sizing:border-box}
body{margin:0;font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:#1c1f24;background:#f4f5f7}
header{background:var(--brand);color:var(--on-brand);padding:1rem}
header p{margin:0 auto;max-width:44rem;font-size:1.15rem;font-weight:600}
main{max-width:44rem;margin:1.5rem auto;padding:1.5rem;background:#fff;border:1px solid #d9dce1;border-radius:.5rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.15rem;margin:1.75rem 0 .5rem}
.lead{color:#454b55;margin:0 0 1.5rem}
.field{margin:0 0 1.25rem}
label,legend{display:block;font-weight:600;margin-bottom:.25rem;padding:0}
.hint{color:#555b66;font-size:.925rem;margin:0 0 .35rem}
.optional{font-weight:400;color:#555b66}
input[type=text],input[type=email],input[type=tel],input[type=url],input[type=date],select,textarea{width:100%;
padding:.55rem .65rem;font:inherit;color:inherit;background:#fff;border:1px solid #767c87;border-radius:.3rem}
textarea{min-height:6rem;resize:vertical}
input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible,a:focus-visible,
.errors:focus-visible{outline:3px solid #1a56db;outline-offset:2px}
fieldset{border:1px solid #d9dce1;border-radius:.4rem;padding:1rem;margin:0 0 1.25rem;min-width:0}
fieldset fieldset{background:#fafbfc}
fieldset>legend{padding:0 .4rem}
.check{display:flex;gap:.6rem;align-items:flex-start}
.check label{font-weight:400;margin:0}
.check input{width:1.2rem;height:1.2rem;margin:.15rem 0 0;flex:none}
.pair{display:grid;grid-template-columns:2fr 1fr;gap:.75rem}
.cells{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:0 .75rem;align-items:end}
.cells .field{margin-bottom:.75rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:.25rem 0}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #e3e6ea;vertical-align:top;overflow-wrap:break-word}
.error{color:#b00020;font-weight:600;font-size:.925rem;margin:0 0 .35rem}
.flag{background:#fff6e0;border-left:4px solid #b26a00;padding:.5rem .75rem;margin:0 0 .5rem}
.errors{border:2px solid #b00020;border-radius:.4rem;padding:.75rem 1rem;margin:0 0 1.5rem}
.errors h2{margin:0 0 .25rem;color:#b00020}
.errors a{color:#b00020}
.errors ul{margin:0;padding-left:1.2rem}
[aria-invalid=true]{border:2px solid #b00020}
button{font:inherit;font-weight:600;color:var(--on-brand);background:var(--brand);border:1px solid var(--edge);
border-radius:.35rem;padding:.7rem 1.4rem;cursor:pointer}
button.quiet{color:inherit;background:none;border-color:#767c87;font-weight:400;padding:.35rem .8rem}
.opener{margin:-.75rem 0 1.25rem}
.by-enter{position:absolute;width:1px;height:1px;padding:0;border:0;opacity:0}
[readonly],:disabled{background:#f4f5f7;color:#454b55}
dl{margin:0}
dt{font-weight:600;margin-top:.6rem}
dd{margin:0 0 .25rem;overflow-wrap:anywhere}
dd>dl,dd>ol>li>dl{border-left:3px solid #e3e6ea;padding-left:.9rem}
ol.items{margin:.25rem 0;padding-left:1.4rem}
.decision{border-left:4px solid #19713d;background:#eef8f1;padding:.75rem 1rem}
footer{max-width:44rem;margin:0 auto 2rem;padding:0 1rem;color:#555b66;font-size:.875rem}
`;

const house = '#1f4e79';

export function styleFor(colour: string | undefined): string {
  const brand = colour && /^#[0-9a-f]{6}$/i.test(colour) ? colour : house;
  const onBrand = inkOn(brand);
  return `:root{--brand:${brand};--on-brand:${onBrand};--edge:${onBrand === '#000000' ? '#767c87' : brand}}${base}`;
}
