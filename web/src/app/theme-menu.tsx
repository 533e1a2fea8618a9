/** Chooses light, dark or the system's theme. */
import { Monitor, Moon, Sun } from 'lucide-react';
import { IconButton } from '../ui/button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { type Theme, useTheme } from './theme.ts';

export const THEMES = [
  { theme: 'system', label: 'As the system', icon: Monitor },
  { theme: 'light', label: 'Light', icon: Sun },
  { theme: 'dark', label: 'Dark', icon: Moon },
] as const;

export const themeItems = (chosen: Theme, choose: (theme: Theme) => void): MenuItem[] =>
  THEMES.map(({ theme, label, icon }) => ({ label, icon, checked: theme === chosen, run: () => choose(theme) }));

export const ThemeMenu = () => {
  const [theme, choose] = useTheme();
  const icon = THEMES.find((one) => one.theme === theme)?.icon ?? Monitor;
  return (
    <Menu
      label="Theme"
      sections={[{ items: themeItems(theme, choose) }]}
      trigger={(props) => <IconButton {...props} label="Theme" icon={icon} tip="below-end" />}
    />
  );
};
