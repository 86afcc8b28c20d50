/** Lets a thread run TypeScript where nothing was built: `--import tsx` alone does so in the main thread only. */
import { register } from 'tsx/esm/api';

register();
