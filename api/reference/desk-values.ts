/** What the desk’s links, plans and alerts are called. Written by test/api/examples.test.ts (with -u). */
export const deskValues = {
  tokens: {
    form: 'qymANJAW2H_TGWXUKVbbvDJf1symrVW-hKtcByLm2Wk',
    approval: 'z-gjM7zWSotCtfFgVObbWguVBkTE5NcVrSfT9Raq2k0',
    expiredApproval: '1VEVS8kZPXWDeNdJPt2U6w25-LjHPXhY935RIyxsulQ',
  },
  planHash: '7f33d85a65d094976ac2687712449e330f17bc1bf10fcc0a1f97c90f0be87a92',
  alerts: {
    acknowledge: 'ord_79ba661d47d43cb570c8ef9e.mail-undelivered.intake',
    delivery: 'c802235031517d204c935e464a7c685019878cac.delivery-unknown',
  },
};
