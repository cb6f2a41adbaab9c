"""The client of WeChat over real HTTP against a server that speaks as WeChat does."""

import io
import logging
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from server.wechat import client as wechat
from server.wechat.client import Account, Message, Suggestion, Wechat
from server.wechat.fake_answers import Script
from server.wechat.transport import Transport, WechatAway, WechatRefused
from tests.wechat import SECRET, Faked, OwnTokens, faked

SESSION = "/sns/jscode2session"
PHONE = "/wxa/business/getuserphonenumber"
TOKEN = "/cgi-bin/stable_token"
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture
def wx() -> Iterator[Faked]:
    with faked() as made:
        yield made


def refusal(wx: Faked, code: str) -> int:
    with pytest.raises(WechatRefused) as caught:
        wx.client.openid_of(code)
    return caught.value.errcode


def test_codes_of_one_person_give_one_openid(wx: Faked) -> None:
    assert wx.client.openid_of("mary-1") == wx.client.openid_of("mary-2")
    assert wx.client.openid_of("mary-3") != wx.client.openid_of("paul-1")


def test_a_code_works_once(wx: Faked) -> None:
    wx.client.openid_of("mary-1")
    assert refusal(wx, "mary-1") == wechat.USED_CODE


def test_errors_in_answers_of_status_200_are_refusals(wx: Faked) -> None:
    assert refusal(wx, "invalid-1") == wechat.INVALID_CODE
    assert refusal(wx, "blocked-1") == wechat.BLOCKED_USER


def test_a_hundred_logins_a_minute_are_the_most(wx: Faked) -> None:
    for number in range(100):
        wx.client.openid_of(f"mary-{number}")
    assert refusal(wx, "mary-100") == wechat.TOO_OFTEN
    assert wx.client.openid_of("paul-1"), "others still come in"


def test_a_wrong_secret_is_refused(wx: Faked) -> None:
    account = Account(wx.fake.appid, "wrong")
    stranger = Wechat(wx.client.transport, account, wx.client.tokens)
    with pytest.raises(WechatRefused) as caught:
        stranger.openid_of("mary-1")
    assert caught.value.errcode == 40125


@pytest.mark.parametrize("failure", [{"errcode": -1}, {"status": 500}, {"status": 503}])
def test_a_busy_wechat_is_asked_again(wx: Faked, failure: dict[str, int]) -> None:
    wx.fake.scripts.append(Script(SESSION, times=2, **failure))  # type: ignore[arg-type]
    assert wx.client.openid_of("mary-1")
    assert wx.fake.calls[SESSION] == 3


@pytest.mark.parametrize("failure", [{"errcode": -1}, {"status": 502}])
def test_a_wechat_that_stays_busy_is_away(wx: Faked, failure: dict[str, int]) -> None:
    wx.fake.scripts.append(Script(SESSION, times=9, **failure))  # type: ignore[arg-type]
    with pytest.raises(WechatAway):
        wx.client.openid_of("mary-1")
    assert wx.fake.calls[SESSION] == 3


def test_what_may_have_been_done_is_not_asked_again(wx: Faked) -> None:
    wx.fake.scripts.append(Script(SESSION, times=9, silent_s=1.5))
    began_at = time.monotonic()
    with pytest.raises(WechatAway):
        wx.client.openid_of("mary-1")
    assert time.monotonic() - began_at < 1.4
    assert wx.fake.calls[SESSION] == 1


@pytest.mark.parametrize("body", ["", "<html>502</html>", "{", "[]", '{"openid": 7}', "null"])
def test_an_answer_of_no_sense_is_none(wx: Faked, body: str) -> None:
    wx.fake.scripts.append(Script(SESSION, body=body))
    with pytest.raises(WechatAway):
        wx.client.openid_of("mary-1")


def test_a_server_that_is_not_there_is_away() -> None:
    transport, account = Transport("http://127.0.0.1:1", 0.5), Account("a", "b")
    with pytest.raises(WechatAway):
        Wechat(transport, account, OwnTokens(transport, account)).openid_of("mary-1")


def test_a_phone_number_comes_by_its_code(wx: Faked) -> None:
    assert wx.client.phone_of("13800138000-1") == "13800138000"
    with pytest.raises(WechatRefused) as caught:
        wx.client.phone_of("13800138000-1")
    assert caught.value.errcode == wechat.USED_CODE


def test_a_number_given_to_another_mini_program_is_refused(wx: Faked) -> None:
    with pytest.raises(WechatRefused):
        wx.client.phone_of("foreign-1")


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_stale_token_is_fetched_anew_once(wx: Faked, errcode: int) -> None:
    wx.fake.scripts.append(Script(PHONE, errcode=errcode))
    assert wx.client.phone_of("13800138000-1") == "13800138000"
    assert wx.fake.calls[TOKEN] == 2
    wx.fake.scripts.append(Script(PHONE, times=5, errcode=errcode))
    with pytest.raises(WechatRefused):
        wx.client.phone_of("13800138000-2")
    assert wx.fake.calls[PHONE] == 4, "once more, not for ever"


def message(**keywords: str) -> Message:
    return Message("template-1", "pages/index/index", keywords)


def test_a_message_arrives_with_its_keywords(wx: Faked) -> None:
    openid = wx.client.openid_of("mary-1")
    wx.client.send(openid, message(thing1="长兴地块"))
    assert wx.fake.sent[0]["data"] == {"thing1": {"value": "长兴地块"}}
    assert wx.fake.sent[0]["touser"] == openid


@pytest.mark.parametrize(
    ("openid", "keywords", "errcode"),
    [("stranger", {"thing1": "x"}, 40003), ("mary", {"thing1": "字" * 21}, 47003)],
)
def test_messages_that_break_rules_are_refused(
    wx: Faked, openid: str, keywords: dict[str, str], errcode: int
) -> None:
    known = wx.client.openid_of("mary-1")
    with pytest.raises(WechatRefused) as caught:
        wx.client.send(known if openid == "mary" else openid, message(**keywords))
    assert caught.value.errcode == errcode


def test_texts_are_judged(wx: Faked) -> None:
    openid = wx.client.openid_of("mary-1")
    assert wx.client.verdict(openid, "请问这块地多少钱") is Suggestion.PASS
    assert wx.client.verdict(openid, "违禁内容") is Suggestion.RISKY
    assert wx.client.verdict(openid, "疑似内容") is Suggestion.REVIEW


def test_a_code_to_scan_is_a_picture(wx: Faked) -> None:
    content = wx.client.mini_code("s=Ab12Cd34", "pages/index/index")
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.width == 430


@pytest.mark.parametrize("scene", ["", "s=" + "a" * 31, "s=%20", "s=地"])
def test_scenes_that_wechat_would_not_take_are_never_sent(wx: Faked, scene: str) -> None:
    with pytest.raises(ValueError, match="scene"):
        wx.client.mini_code(scene, "pages/index/index")
    assert not wx.fake.calls


def test_nothing_secret_is_logged(wx: Faked, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    openid = wx.client.openid_of("mary-canary-1")
    wx.client.phone_of("13800138000-1")
    wx.fake.scripts += [Script(SESSION, silent_s=1.0), Script(SESSION, times=3, status=500)]
    for _ in range(2):
        with pytest.raises(WechatAway):
            wx.client.openid_of("mary-canary-2")
    refusal(wx, "mary-canary-1")
    assert caplog.records, "the search sees"
    secrets = (SECRET, "canary", openid, "13800138000", wx.client.tokens.current())
    assert not [secret for secret in secrets if secret in caplog.text]
