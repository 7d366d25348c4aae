// Settings.
import { openCopying } from './copying.js';
import { $ } from './dom.js';

openCopying();

// On a narrow screen, the place where one is may lie beyond the edge.
$('.rules-tabs [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
