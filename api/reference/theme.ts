/** How the reference page looks: as its library draws it, with a title of ours and colours that can be read. */
const css = `
.swagger-ui .info .title small pre.version, .swagger-ui .info .title small.version-stamp { color: #fff; background: #3b5900; }
.swagger-ui .info .title small.version-stamp pre.version { background: #3b5900; }
.swagger-ui .info .url { color: #1f5fae; }
.swagger-ui .btn.authorize { border-color: #1b7a4b; }
.swagger-ui .btn.authorize span { color: #1b7a4b; }
.swagger-ui .opblock.opblock-post .opblock-summary-method { background: #1b7a4b; }
.swagger-ui .opblock.opblock-get .opblock-summary-method { background: #1f5fae; }
.swagger-ui .opblock.opblock-put .opblock-summary-method { background: #8f5000; }
.swagger-ui .opblock.opblock-delete .opblock-summary-method { background: #b81f1f; }
.swagger-ui .microlight span[style*='211, 99, 99'] { color: #f2a0a0 !important; }
.swagger-ui .parameter__in { color: #5a5a5a; }
.swagger-ui .json-schema-2020-12-expand-deep-button { color: #4a4a4a; }
`;

export const theme = { title: 'Orderworks API', css: [{ filename: 'readable.css', content: css }] };
