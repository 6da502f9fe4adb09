import 'uplot/dist/uPlot.min.css';
import './style/app.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('desk');
if (target === null) throw new Error('index.html has no element #desk');
mount(App, { target });
