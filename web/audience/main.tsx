import './audience.css';
import { render } from 'preact';
render(<p>Tallycast</p>, document.createElement('div'));
