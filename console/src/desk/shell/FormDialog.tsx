import { Form, Modal, type FormProps } from 'antd';
import { useRef, type ReactNode } from 'react';
import { useWords } from '../words/words.tsx';

interface Props<Values> {
  open: boolean;
  title: string;
  okText: string;
  busy: boolean;
  initialValues?: FormProps<Values>['initialValues'];
  /** Called with what was filled in, once every rule is kept. */
  onSubmit: (values: Values) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** A question with a short form: the button or Ctrl+Enter hands it in, Esc leaves, and it is empty when it opens again. */
export function FormDialog<Values extends object>(props: Props<Values>) {
  const { open, title, okText, busy, initialValues, onSubmit, onClose, children } = props;
  const { t } = useWords();
  const [form] = Form.useForm<Values>();
  const fields = useRef<HTMLDivElement>(null);
  return (
    <Modal
      open={open}
      title={title}
      okText={okText}
      cancelText={t('cancel')}
      confirmLoading={busy}
      destroyOnHidden
      onCancel={onClose}
      onOk={form.submit}
      afterOpenChange={(shown) => shown && requestAnimationFrame(() => focusFirst(fields.current))}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        preserve={false}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.submit();
        }}
        {...(initialValues ? { initialValues } : {})}
        onFinish={(given) => void onSubmit(given)}
      >
        <div ref={fields}>{children}</div>
      </Form>
    </Modal>
  );
}

/** Where the browser has put the focus on the close button, for nothing moved, the first field gets it; who is at a field or a button of the foot already stays there. */
function focusFirst(fields: HTMLElement | null): void {
  const at = document.activeElement;
  if (fields?.contains(at) || at?.closest('.ant-modal-footer')) return;
  fields?.querySelector<HTMLElement>('input, textarea')?.focus();
}
