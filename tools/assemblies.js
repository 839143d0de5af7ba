// Synthesises the CDK programs of the fixtures: each app.js beside a cdk.out, and its `before` into a cdk.before.
//
//   npm install --prefix <anywhere> aws-cdk-lib constructs
//   NODE_PATH=<anywhere>/node_modules node tools/assemblies.js [words of the paths]

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const cdk = require('aws-cdk-lib');
const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const lambda = require('aws-cdk-lib/aws-lambda');

const FIXTURES = path.join(__dirname, '..', 'fixtures');
// What the CDK writes besides, for other tools.
const SUPERFLUOUS = ['tree.json', 'validation-report.json'];
const FEATURES = 'aws-cdk-lib/feature-flag-report';

/** Leave only the lines of the program itself in the stack traces of an assembly, as seen from beside it. */
function tidy(folder, home) {
  for (const name of fs.readdirSync(folder).filter((each) => each.endsWith('.metadata.json'))) {
    const file = path.join(folder, name);
    const shorten = (lines) => lines.filter((line) => line.includes(home)).map((line) => line.replace(home + path.sep, ''));
    const shortened = (key, value) => {
      if (key === 'trace') return shorten(value);
      return value?.type === 'aws:cdk:creationStack' ? { ...value, data: shorten(value.data) } : value;
    };
    const metadata = JSON.parse(fs.readFileSync(file, 'utf8'), shortened);
    fs.writeFileSync(file, JSON.stringify(metadata, null, 1) + '\n');
  }
}

/** Synthesise one program into a folder. */
function synthesise(program, folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  const app = new cdk.App({ outdir: folder, analyticsReporting: false, treeMetadata: false });
  const synthesizer = new cdk.BootstraplessSynthesizer();
  const stack = new cdk.Stack(app, 'Shop', { synthesizer });
  program(stack, { cdk, ec2, iam, lambda });
  app.synth();
  for (const name of SUPERFLUOUS) fs.rmSync(path.join(folder, name), { force: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8'));
  delete manifest.artifacts[FEATURES];
  fs.writeFileSync(path.join(folder, 'manifest.json'), JSON.stringify(manifest, null, 1) + '\n');
  tidy(folder, path.dirname(folder));
}

/** List the programs whose path holds one of the words. */
function programs(words) {
  const found = fs.readdirSync(FIXTURES, { recursive: true }).filter((name) => name.endsWith(path.join('cdk', 'app.js')));
  return found.sort().filter((name) => words.length === 0 || words.some((word) => name.includes(word)));
}

for (const name of programs(process.argv.slice(2))) {
  const home = path.dirname(path.join(FIXTURES, name));
  const program = require(path.join(FIXTURES, name));
  synthesise(program, path.join(home, 'cdk.out'));
  if (program.before) synthesise(program.before, path.join(home, 'cdk.before'));
  console.log(name);
}
