"""A blind listening test: can people tell what a person made from what a machine made?"""

from technogen.evaluation.listening.answers import append_answer, export_csv, read_answers, start_log
from technogen.evaluation.listening.design import (
    CATCH,
    HUMAN,
    RESPONSES,
    Design,
    DesignOptions,
    Plan,
    Stimulus,
    Trial,
    load_design,
    save_design,
)
from technogen.evaluation.listening.planning import make_design
from technogen.evaluation.listening.records import Answer, AnswerLog, Fault, Finish, Remark, Session
from technogen.evaluation.listening.report import write_report
from technogen.evaluation.listening.study import ConditionResult, ListenerResult, Study, analyse_study

__all__ = [
    "CATCH",
    "HUMAN",
    "RESPONSES",
    "Answer",
    "AnswerLog",
    "ConditionResult",
    "Design",
    "DesignOptions",
    "Fault",
    "Finish",
    "ListenerResult",
    "Plan",
    "Remark",
    "Session",
    "Stimulus",
    "Study",
    "Trial",
    "analyse_study",
    "append_answer",
    "export_csv",
    "load_design",
    "make_design",
    "read_answers",
    "save_design",
    "start_log",
    "write_report",
]
