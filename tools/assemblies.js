// Synthesises the CDK programs of the fixtures: each app.js beside a cdk.out, and its `before` into a cdk.before.
//
// A program is a function of a stack and of what it builds with. Its `env` is the account and region of the stack,
// where it looks something up: the answers stand in a cdk.context.json beside it. `assets` tells that it has code of
// the CDK's own, which is left out here.
//
//   npm install --prefix <anywhere> aws-cdk-lib constructs
//   NODE_PATH=<anywhere>/node_modules node tools/assemblies.js [words of the paths]

'use strict';

const fs = require('node:fs');
const path = require('node:path');
const cdk = require('aws-cdk-lib');
const resources = require('aws-cdk-lib/custom-resources');
const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const lambda = require('aws-cdk-lib/aws-lambda');
const { CfnInclude } = require('aws-cdk-lib/cloudformation-include');

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

/** Take a template as it is into a stack, as a program does that began as one. */
function include(stack, templateFile) {
  new CfnInclude(stack, 'Template', { templateFile });
}

/** Read the answers of lookups that stand beside a program. */
function contextIn(home) {
  const file = path.join(home, 'cdk.context.json');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

/** Synthesise one program into a folder. */
function synthesise(program, folder, env) {
  fs.rmSync(folder, { recursive: true, force: true });
  const context = contextIn(path.dirname(folder));
  const app = new cdk.App({ outdir: folder, analyticsReporting: false, treeMetadata: false, context });
  const bootstrapped = () => new cdk.DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  const synthesizer = program.assets ? bootstrapped() : new cdk.BootstraplessSynthesizer();
  const stack = new cdk.Stack(app, 'Shop', { synthesizer, env });
  program(stack, { cdk, ec2, iam, lambda, resources, include });
  app.synth();
  const written = fs.readdirSync(folder);
  const assets = written.filter((name) => name.startsWith('asset.') || name.endsWith('.assets.json'));
  for (const name of [...SUPERFLUOUS, ...assets]) fs.rmSync(path.join(folder, name), { recursive: true, force: true });
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
  synthesise(program, path.join(home, 'cdk.out'), program.env);
  if (program.before) synthesise(program.before, path.join(home, 'cdk.before'), program.env);
  console.log(name);
}
