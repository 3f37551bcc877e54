"""What rows of sends, withdrawals and uploads have in common."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from qqbot_cli.model.answer.message import MessageResponse
from qqbot_cli.model.answer.upload import Media, UploadPrepared
from qqbot_cli.model.body.upload import FileUpload, UploadPartFinish, UploadPrepare
from qqbot_cli.model.endpoints.row import Endpoint, Query, Repeat, TimeoutClass, a_second

HIDE_TIP: Final = (
    Query("hidetip", bool, "True hides the grey line that tells about the withdrawal; false without it."),
)

GUILD_SEND_CODES: Final = (
    *(
        20028,
        50006,
        50035,
        50037,
        50038,
        50040,
        50041,
        50042,
        50045,
        50046,
        50047,
        50054,
        50055,
        50056,
        50057,
    ),
    *(304003, 304004, 304005, 304010, 304011, 304014, 304017, 304018, 304019, 304020, 304022, 304023, 304024),
    *(304025, 304026, 304027, 304028, 304030, 304035, 304036, 304037, 304038, 304039, 304040, 304045, 304046),
    *(304047, 304048, 304057, 305007, 1000001, 1100100, 1100101, 1100102, 1100308),
)
DIRECT_SEND_CODES: Final = (*GUILD_SEND_CODES, 304031, 304032, 304034, 304049, 304050, 2000004)
_OPEN_SEND_CODES: Final = (
    *(22006, 22009, 50059, 304061, 304080, 304082, 304083, 304103, 40011000, 40034004, 40034005, 40034006),
    *(40034008, 40034009, 40034010, 40034011, 40034024, 40034025, 40034026, 40034027, 40034029, 40034090),
    *(40034100, 40034102, 40034105, 40034106, 40034108, 40034109, 40034124, 40034127, 40034128, 40054005),
    *(40054007, 40054010, 40054016),
)
GROUP_SEND_CODES: Final = (*_OPEN_SEND_CODES, 340069, 40034101, 40054002, 40054003, 50055001, 50055006)
C2C_SEND_CODES: Final = (
    *(*_OPEN_SEND_CODES, 340067, 40034122, 40034123, 40054004, 40054006, 40054013, 40054018, 50055002),
)
GUILD_RECALL_CODES: Final = (*range(306001, 306012),)
_UPLOAD_CODES: Final = (10000, 850018, 850019, 850026, 850027, 850031, 40034001, 40093001, 40093002)


def send(name: str, path: str, body: type[msgspec.Struct], summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call that sends a message."""
    row = {"result": MessageResponse, "source": "发送消息", **more}
    return Endpoint(name, "POST", path, summary, body=body, **row)


def recall(name: str, path: str, summary: str, **more: Any) -> Endpoint:  # noqa: ANN401
    """Row of a call that withdraws a message."""
    return Endpoint(name, "DELETE", path, summary, source="撤回消息", **more)


def uploads(place: str, of: str, whom: str) -> tuple[Endpoint, Endpoint, Endpoint]:
    """Rows of the calls that upload files below *place*, for names ``post_{of}_file`` and so on."""
    return (
        Endpoint(
            f"post_{of}_file",
            "POST",
            f"{place}/files",
            f"Upload a file for {whom}, or complete an upload in parts, and return what a message carries.",
            "What was uploaded for users cannot be sent to groups, and the reverse.",
            body=FileUpload,
            result=Media,
            repeat=Repeat.UNSENT,
            rate=a_second(50),
            timeout=TimeoutClass.UPLOAD,
            codes=_UPLOAD_CODES,
            source="富媒体消息",
        ),
        Endpoint(
            f"prepare_{of}_upload",
            "POST",
            f"{place}/upload_prepare",
            f"Begin to upload a file for {whom} in parts.",
            body=UploadPrepare,
            result=UploadPrepared,
            repeat=Repeat.SAFE,
            rate=a_second(10),
            timeout=TimeoutClass.UPLOAD,
            codes=(10000, 850019, 850031, 40093001, 40093002),
            source="富媒体消息",
        ),
        Endpoint(
            f"finish_{of}_upload_part",
            "POST",
            f"{place}/upload_part_finish",
            "Tell that a part has been sent.",
            "While it answers 40093001 try again, as often and as long as the upload's configuration says.",
            body=UploadPartFinish,
            repeat=Repeat.SAFE,
            rate=a_second(10),
            timeout=TimeoutClass.UPLOAD,
            codes=(40093001, 40093002),
            source="富媒体消息",
        ),
    )
