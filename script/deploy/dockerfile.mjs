// The Dockerfile: what the engine would refuse or warn of, and who runs in the image, with what probe, on what settings.
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { settingProblem } from './settings.mjs';

export function checkDockerfile(content, report) {
  for (const { message, range } of validate(content)) report(`line ${range.start.line + 1}: ${message}`);
  const instructions = DockerfileParser.parse(content).getInstructions();
  const last = instructions.findLastIndex((one) => one.getKeyword() === 'FROM');
  const image = instructions.slice(last);
  const only = (keyword) => image.filter((one) => one.getKeyword() === keyword);

  for (const from of instructions.filter((one) => one.getKeyword() === 'FROM'))
    if (/:latest\b/.test(from.getImage() ?? '')) report(`${from.getImage()} is another image tomorrow: name its version`);
  const user = only('USER').at(-1)?.getArguments()[0]?.getValue();
  if (user === undefined) report('the image runs as root: it has no USER');
  else if (!/^[1-9][0-9]*(:[1-9][0-9]*)?$/.test(user))
    report(`USER ${user} is not a number above 0, so nobody can see that it is not root`);
  if (only('HEALTHCHECK').length === 0) report('the image has no HEALTHCHECK');
  for (const entry of [...only('ENTRYPOINT'), ...only('CMD')])
    if (!entry.getArgumentsContent()?.startsWith('['))
      report(`${entry.getKeyword()} runs through a shell, which keeps SIGTERM to itself`);
  for (const property of only('ENV').flatMap((one) => one.getProperties())) {
    const problem = settingProblem(property.getName(), property.getValue());
    if (problem) report(problem);
  }
}
