import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { audiences } from '../api/audience.ts';
import { Builder } from '../audience/Builder.tsx';
import { CountPanel } from '../audience/CountPanel.tsx';
import { asGroup, isComplete } from '../audience/expression.ts';
import { useDeed } from '../channel/useDeed.tsx';
import { FormDialog } from '../shell/FormDialog.tsx';
import { useWords } from '../words/words.tsx';
import type { StepProps } from './CampaignEditor.tsx';

/** Say who is meant; a named audience can be taken over, and this one kept under a name. */
export function AudienceStep({ draft, stock, change }: StepProps) {
  const { t } = useWords();
  const [asking, setAsking] = useState(false);
  const { busy, run } = useDeed(async () => undefined);
  const keep = async ({ name }: { name: string }): Promise<void> => {
    if (await run(() => audiences.create(name.trim(), draft.expression), t('audience_kept'))) setAsking(false);
  };
  return (
    <div className="audience-step">
      <div className="sheet">
        <div className="filters">
          <h2>{t('campaign_audience')}</h2>
          <span className="gap" />
          {stock.audiences.length > 0 && (
            <Select
              className="named-audience"
              aria-label={t('audience_named')}
              placeholder={t('audience_named')}
              value={null}
              options={stock.audiences.map((one) => ({ value: one.id, label: one.name }))}
              onChange={(id) => {
                const found = stock.audiences.find((one) => one.id === id);
                if (found) change({ expression: asGroup(found.expression) });
              }}
            />
          )}
          <Button disabled={!isComplete(draft.expression)} onClick={() => setAsking(true)}>
            {t('audience_keep')}
          </Button>
        </div>
        <Builder value={asGroup(draft.expression)} choices={stock} onChange={(expression) => change({ expression })} />
      </div>
      <CountPanel expression={draft.expression} />
      <FormDialog
        open={asking}
        title={t('audience_keep')}
        okText={t('form_save')}
        busy={busy}
        onSubmit={keep}
        onClose={() => setAsking(false)}
      >
        <Form.Item
          name="name"
          label={t('audience_name')}
          rules={[{ required: true, whitespace: true, message: t('needed') }]}
        >
          <Input autoFocus maxLength={80} />
        </Form.Item>
      </FormDialog>
    </div>
  );
}
