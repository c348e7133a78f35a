import { Form, Modal, type FormProps } from 'antd';
import type { ReactNode } from 'react';
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
        {children}
      </Form>
    </Modal>
  );
}
