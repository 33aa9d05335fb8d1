import { CORE, coreRange } from './packages.mjs';

/**
 * What a packed manifest lacks of what people and tools look for in it. `folder` is where the package is in the
 * repository, `root` the manifest of the workspace, `version` that of all packages.
 */
export function manifestProblems(manifest, { folder, root, version }) {
  const problems = [];
  const expect = (holds, problem) => {
    if (!holds) problems.push(problem);
  };
  const repository = root.repository.url;
  const page = repository.replace(/^git\+|\.git$/g, '');

  expect(manifest.version === version, `version is ${manifest.version}, that of the others ${version}`);
  expect(manifest.license === 'Apache-2.0', 'license is not Apache-2.0');
  expect((manifest.description ?? '').length >= 40, 'description is missing or says nothing');
  expect((manifest.keywords ?? []).length >= 5, 'keywords are missing');
  expect(manifest.repository?.type === 'git', 'repository.type is not git');
  expect(manifest.repository?.url === repository, `repository.url is not ${repository}`);
  expect(manifest.repository?.directory === folder, `repository.directory is not ${folder}`);
  expect(manifest.homepage === `${page}/tree/main/${folder}#readme`, 'homepage is not the README');
  expect(manifest.bugs === `${page}/issues`, 'bugs is not the page of the issues');
  expect(manifest.engines?.node === root.engines.node, `engines.node is not ${root.engines.node}`);
  expect(manifest.type === 'module', 'type is not module');
  expect(manifest.sideEffects === false, 'sideEffects is not false');
  expect(manifest.files?.includes('dist') === true, 'files does not name dist');
  expect(manifest.publishConfig?.access === 'public', 'publishConfig.access is not public');
  expect(manifest.private === undefined, 'private is set');

  for (const condition of ['import', 'require']) {
    const target = manifest.exports?.['.']?.[condition] ?? {};
    expect(Object.keys(target).join() === 'types,default', `exports: types is not first for ${condition}`);
  }
  expect(manifest.exports?.['./package.json'] !== undefined, 'exports does not give ./package.json');

  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
    for (const [name, range] of Object.entries(manifest[kind] ?? {})) {
      expect(!range.startsWith('workspace:'), `${kind}.${name} is ${range}, which npm does not know`);
    }
  }
  expect(manifest.dependencies?.[CORE] === undefined, 'core is a dependency, so there may be two of it');
  if (manifest.name !== CORE) {
    const range = coreRange(version);
    expect(manifest.peerDependencies?.[CORE] === range, `the peer range of core is not ${range}`);
  }
  return problems;
}
