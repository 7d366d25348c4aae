// Settings.
import { openCopying } from './copying.js';

openCopying();
