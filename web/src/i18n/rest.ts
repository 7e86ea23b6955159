import { bringTexts } from '.';
import { restTexts } from './rest.pt-br';

// A file that says anything of `rest.pt-br` imports this one: its texts are there before it is drawn. A test holds to it.
bringTexts(restTexts);
