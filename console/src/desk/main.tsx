import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './App.tsx';
import './desk.css';
import './studio.css';
import './book.css';

createRoot(document.getElementById('desk')!).render(
  <StrictMode>
    <BrowserRouter basename="/desk">
      <App />
    </BrowserRouter>
  </StrictMode>,
);
