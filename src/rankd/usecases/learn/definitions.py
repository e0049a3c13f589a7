"""The features of the video model: their names, meanings and units, in column order."""

from dataclasses import dataclass
from enum import Enum, unique

import numpy as np

from rankd.core.features.feature import Feature
from rankd.core.words.language import Phrase

MAIN_SCENE = 1
"""Three rows in four were shown in tab 1. Over all tabs a head looks better than it is at ordering one feed, because
the tab alone moves the click rate from 0.02 to 0.99."""


@unique
class Side(Enum):
    """Whom a feature describes within one request."""

    VIEWER = "viewer"
    """One number for all candidates."""
    CANDIDATE = "candidate"
    """A number for each candidate, whoever looks or together with the viewer."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What a rate is taken to be before anything is known: `weight` imagined trials at `rate`."""

    rate: float
    weight: int


# Round numbers near what KuaiRand's own paper reports; they were not fitted to anything here.
CLICK = Prior(0.4, 10)
LONG_VIEW = Prior(0.3, 10)
LIKE = Prior(0.02, 20)
PROFILE_VISIT = Prior(0.02, 20)
LONG_SHARE = Prior(0.5, 10)
LIKED_SHARE = Prior(0.03, 10)


@dataclass(frozen=True, slots=True)
class Definition:
    """A feature as the manifest declares it, and the side that it describes."""

    feature: Feature
    side: Side


def _viewer(
    name: str,
    unit: str,
    fr: str,
    en: str,
    *,
    default: float | None = None,
    nullable: bool = False,
    profiling: bool = True,
) -> Definition:
    return Definition(_feature(name, unit, fr, en, default, nullable, profiling), Side.VIEWER)


def _candidate(
    name: str,
    unit: str,
    fr: str,
    en: str,
    *,
    default: float | None = None,
    nullable: bool = False,
    profiling: bool = False,
) -> Definition:
    return Definition(_feature(name, unit, fr, en, default, nullable, profiling), Side.CANDIDATE)


def _feature(name: str, unit: str, fr: str, en: str, default: float | None, nullable: bool, profiling: bool) -> Feature:
    text = None if default is None else np.format_float_positional(np.float32(default), unique=True, trim="-")
    return Feature(name, Phrase(fr=fr, en=en), unit, text, nullable, profiling)


DEFINITIONS: tuple[Definition, ...] = (
    _viewer(
        "scene",
        "id",
        "Endroit de l’application où le fil est affiché (numéro d’onglet, 0 à 14)",
        "Place in the app where the feed is shown (number of its tab, 0 to 14)",
        profiling=False,
    ),
    _viewer(
        "viewer_watch_count",
        "n",
        "Vidéos que la personne a regardées durant les semaines précédentes",
        "Videos that this person watched in the weeks before",
        nullable=True,
    ),
    _viewer(
        "viewer_long_watch_share",
        "0–1",
        "Parmi les vidéos que la personne a regardées, part de celles regardées longuement",
        "Of the videos that this person watched, the share watched at length",
        nullable=True,
    ),
    _viewer(
        "viewer_liked_share",
        "0–1",
        "Parmi les vidéos que la personne a regardées, part de celles qu’elle a aimées",
        "Of the videos that this person watched, the share that they liked",
        nullable=True,
    ),
    _viewer(
        "viewer_long_watch_duration_s",
        "s",
        "Durée moyenne des vidéos que la personne a regardées longuement",
        "Mean duration of the videos that this person watched at length",
        nullable=True,
    ),
    _viewer(
        "viewer_impressions",
        "n",
        "Vidéos montrées à la personne jusqu’ici",
        "Videos shown to this person so far",
        default=0,
    ),
    _viewer(
        "viewer_click_rate",
        "0–1",
        "Part des vidéos montrées que la personne a ouvertes (lissée)",
        "Share of the videos shown that this person opened (smoothed)",
        default=CLICK.rate,
    ),
    _viewer(
        "viewer_long_view_rate",
        "0–1",
        "Part des vidéos montrées que la personne a regardées longuement (lissée)",
        "Share of the videos shown that this person watched at length (smoothed)",
        default=LONG_VIEW.rate,
    ),
    _viewer(
        "viewer_like_rate",
        "0–1",
        "Part des vidéos montrées que la personne a aimées (lissée)",
        "Share of the videos shown that this person liked (smoothed)",
        default=LIKE.rate,
    ),
    _viewer(
        "viewer_profile_visit_rate",
        "0–1",
        "Part des vidéos montrées après lesquelles la personne est allée voir le profil (lissée)",
        "Share of the videos shown after which this person visited the profile (smoothed)",
        default=PROFILE_VISIT.rate,
    ),
    _viewer(
        "viewer_scene_click_rate",
        "0–1",
        "Part des vidéos montrées à cet endroit de l’application que la personne a ouvertes (lissée)",
        "Share of the videos shown in this place of the app that this person opened (smoothed)",
        default=CLICK.rate,
    ),
    _candidate(
        "duration_s",
        "s",
        "Durée de la vidéo",
        "Duration of the video",
        nullable=True,
    ),
    _candidate(
        "from_web",
        "0/1",
        "1 si la vidéo a été téléversée depuis le Web",
        "1 if the video was uploaded from the web",
        default=0,
    ),
    _candidate(
        "from_long_import",
        "0/1",
        "1 s’il s’agit d’une vidéo longue importée depuis l’appareil",
        "1 if the video is a long one imported from the device",
        default=0,
    ),
    _candidate(
        "item_impressions",
        "n",
        "Nombre de fois que la vidéo a été montrée jusqu’ici",
        "How often the video was shown so far",
        default=0,
    ),
    _candidate(
        "item_click_rate",
        "0–1",
        "Part des affichages de la vidéo suivis d’une ouverture (lissée)",
        "Share of the times the video was shown that it was opened (smoothed)",
        default=CLICK.rate,
    ),
    _candidate(
        "item_long_view_rate",
        "0–1",
        "Part des affichages de la vidéo suivis d’un long visionnement (lissée)",
        "Share of the times the video was shown that it was watched at length (smoothed)",
        default=LONG_VIEW.rate,
    ),
    _candidate(
        "item_profile_visit_rate",
        "0–1",
        "Part des affichages de la vidéo suivis d’une visite du profil (lissée)",
        "Share of the times the video was shown that its author’s profile was visited (smoothed)",
        default=PROFILE_VISIT.rate,
    ),
    _candidate(
        "item_long_watch_share",
        "0–1",
        "Parmi les visionnements de la vidéo, part des longs visionnements (lissée)",
        "Of the times the video was watched, the share at length (smoothed)",
        default=LONG_SHARE.rate,
    ),
    _candidate(
        "item_liked_share",
        "0–1",
        "Parmi les visionnements de la vidéo, part de ceux suivis d’un « j’aime » (lissée)",
        "Of the times the video was watched, the share that ended in a like (smoothed)",
        default=LIKED_SHARE.rate,
    ),
    _candidate(
        "author_profile_visit_rate",
        "0–1",
        "Part des affichages des vidéos de l’auteur suivis d’une visite de son profil (lissée)",
        "Share of the times the author’s videos were shown that the profile was visited (smoothed)",
        default=PROFILE_VISIT.rate,
    ),
    _candidate(
        "author_long_watch_share",
        "0–1",
        "Parmi les visionnements des vidéos de l’auteur, part des longs visionnements (lissée)",
        "Of the times the author’s videos were watched, the share at length (smoothed)",
        default=LONG_SHARE.rate,
    ),
    _candidate(
        "author_liked_share",
        "0–1",
        "Parmi les visionnements des vidéos de l’auteur, part de ceux suivis d’un « j’aime » (lissée)",
        "Of the times the author’s videos were watched, the share that ended in a like (smoothed)",
        default=LIKED_SHARE.rate,
    ),
    _candidate(
        "viewer_author_watches",
        "n",
        "Vidéos de cet auteur que la personne a regardées",
        "Videos by this author that this person watched",
        default=0,
        profiling=True,
    ),
    _candidate(
        "viewer_item_watches",
        "n",
        "Nombre de fois que la personne a regardé cette vidéo",
        "How often this person watched this video",
        default=0,
        profiling=True,
    ),
    _candidate(
        "viewer_topic_watches",
        "n",
        "Vidéos sur ce sujet que la personne a regardées",
        "Videos on this topic that this person watched",
        default=0,
        profiling=True,
    ),
    _candidate(
        "viewer_topic_long_watch_share",
        "0–1",
        "Parmi les vidéos sur ce sujet que la personne a regardées, part de celles regardées longuement (lissée)",
        "Of the videos on this topic that this person watched, the share at length (smoothed)",
        default=LONG_SHARE.rate,
        profiling=True,
    ),
    _candidate(
        "viewer_topic_liked_share",
        "0–1",
        "Parmi les vidéos sur ce sujet que la personne a regardées, part de celles qu’elle a aimées (lissée)",
        "Of the videos on this topic that this person watched, the share that they liked (smoothed)",
        default=LIKED_SHARE.rate,
        profiling=True,
    ),
)
"""Every feature, in the order of the matrix's columns."""

FEATURES: tuple[Feature, ...] = tuple(definition.feature for definition in DEFINITIONS)
