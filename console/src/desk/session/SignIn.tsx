import { Alert, Button, Form, Input } from 'antd';
import { useRef, useState } from 'react';
import type { InputRef } from 'antd';
import * as api from '../api/desk.ts';
import type { Session } from '../api/types.ts';
import { Brand } from '../shell/Brand.tsx';
import { LanguageSwitch, ThemeSwitch } from '../shell/Switches.tsx';
import { useWords } from '../words/words.tsx';

interface Credentials {
  login: string;
  password: string;
}

/** The sign-in page. A refusal keeps the login, empties the password and says what the service said. */
export function SignIn({ expired, onSession }: { expired: boolean; onSession: (session: Session) => void }) {
  const { t, explain } = useWords();
  const [form] = Form.useForm<Credentials>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const password = useRef<InputRef>(null);

  const signIn = async (given: Credentials): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      onSession(await api.session.open(given.login.trim(), given.password));
    } catch (error) {
      setProblem(error);
      form.setFieldValue('password', '');
      password.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="sign-in">
      <div className="sign-in-switches">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
      <section className="sign-in-card" aria-labelledby="sign-in-title">
        <Brand large />
        <h1 id="sign-in-title">{t('signInTitle')}</h1>
        {problem !== null && <Alert type="error" showIcon title={explain(problem)} role="alert" />}
        {problem === null && expired && <Alert type="info" showIcon title={t('signedOut')} />}
        <Form form={form} layout="vertical" requiredMark={false} size="large" onFinish={(given) => void signIn(given)}>
          <Form.Item
            name="login"
            label={t('login')}
            rules={[{ required: true, whitespace: true, message: t('loginMissing') }]}
          >
            <Input autoComplete="username" autoFocus autoCapitalize="none" spellCheck={false} maxLength={64} />
          </Form.Item>
          <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordMissing') }]}>
            <Input.Password ref={password} autoComplete="current-password" maxLength={200} />
          </Form.Item>
          <Button type="primary" htmlType="submit" block loading={busy}>
            {t('signIn')}
          </Button>
        </Form>
      </section>
    </main>
  );
}
