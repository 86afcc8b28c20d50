/** Reminds a client of what they were asked, with the way to it. Short: they have had the whole letter before. */
import { momentIn } from '../../kernel/moment.ts';
import { subjectOf, type Template, urlOf } from '../letter.ts';

type About = 'form' | 'access' | 'approval';

const words: Record<About, { matter: string; heading: string; ask: string; label?: string }> = {
  form: {
    matter: 'we still need your details for',
    heading: 'We still need a few details',
    ask: 'We have not received your details yet. We need them to get started.',
    label: 'Fill in the form',
  },
  access: {
    matter: 'we still need access for',
    heading: 'We still need access',
    ask: 'We do not have the access that this step needs yet. Please grant it, or reply to this email if you need help.',
  },
  approval: {
    matter: 'we still need your decision on',
    heading: 'We still need your decision',
    ask: 'The next step is ready and is waiting for your decision.',
    label: 'Review and decide',
  },
};

export function reminderOf(about: About): Template {
  const { matter, heading, ask, label } = words[about];
  return {
    asks: true,
    whenUnknown: 'hold',
    body: (data) => ({
      subject: subjectOf(data, `${matter} ${data.product}`),
      heading,
      paragraphs: [ask, ...(data.step ? [`It is about: ${data.step}.`] : [])],
      ...(label && { button: { label, url: urlOf(data) } }),
      afterwards: data.deadline ? [`You can open the page until ${momentIn(data.timeZone, data.deadline)}.`] : [],
    }),
  };
}
