"""The verifier's own copy of the floors, dead bands and roundings that docs/captions.md states."""

from __future__ import annotations

MENTION_PX = 40
"""Fewer visible pixels than this are never mentioned."""
NOTICE_PX = 12
"""Fewer visible pixels than this nobody counts; between the two, a count is no longer exact."""
MENTION_FRACTION = 0.15
"""Less of a thing than this showing is never mentioned."""
PARTLY_HIDDEN = 0.30
"""Occlusion from which a thing is called partly hidden."""
TRUNCATED = 0.15
"""Share of a thing outside the image from which it is called cut off."""
COVER_SHARE = 0.60
"""Share of the occluding silhouette that one thing must own to be named as what hides another."""
COVER_PAIRS = 8
"""Occluding pixel pairs needed before anything is named."""
COVER_GAP_M = 0.10
COVER_GAP_SHARE = 0.02
"""A neighbouring pixel occludes when nearer by 0.1 m plus 2 % of the depth."""

LEFT_SHARE = 0.38
RIGHT_SHARE = 0.62
"""A mask's mean column left of 38 % (right of 62 %) of the image width is on the left (right)."""
BESIDE_SHARE = 0.06
"""Left of / right of: mean columns differ by this share of the width, and by half the narrower mask."""
DEPTH_SHARE = 0.05
"""In front of / behind: depths differ by half the two depths' extents plus this share of the nearer."""
SIDES_DEG, AHEAD_DEG = 120.0, 60.0
"""Cameras whose depth is a range tell sides up to 120 degrees off their view, and depths up to 60, both level."""
NEAREST_SHARE = 0.10
"""Nearest: the runner-up is this share further away, and at least the gap below."""
NEAREST_ROAD_M = 1.0
NEAREST_TABLE_M = 0.04
LARGEST_RATIO = 1.25
RELATED_LIMIT = 12
"""Pairwise relations are measured among this many of the largest visible things."""

STILL_MPS = 0.15
MOVING_MPS = 0.70
RESTING_MPS = 0.02
STIRRING_MPS = 0.10
FALLING_MPS = 0.50
"""Road users stand below STILL and move above MOVING; small things rest, stir and fall by the others."""
CLOSING_MPS = 0.50
SAME_SPEED_MPS = 0.30
TTC_LIMIT_S = 15.0
SPEEDING_UP_MPS2 = 0.50
SLOWING_MPS2 = 0.70
BRAKE_PEDAL = 0.05
YAW_RATE_RADPS = 0.06
SIDEWAYS_MPS = 0.50
TURNING_RADPS = 0.25
CLIP_START, CLIP_END = 0.25, 0.75
"""The middle of a happening lies before this share of the clip (start), or after that (end)."""
NEXT_NS, NEXT_STEP_NS = 2_000_000_000, 100_000_000
NEXT_CHANGE_MPS, NEXT_SAME_MPS, NEXT_TURN_RAD = 1.5, 0.5, 0.26
"""What comes within two seconds: the ego's speed over the last 0.1 s of them, and its turn."""
BEND_M = 5.0
BEND_SHARE = 0.50
BESIDE_SHARE_OF_LANE = 1.20
DIFFERENCE_NS = 200_000_000
"""Accelerations and yaw rates are central differences of stored poses over this step."""

LANE_MARGIN_M = 0.40
ALIGNED_COS = 0.90
ROADSIDE_M = 1.50
OFF_LANE_M = 0.0
SURFACE_SHARE = 0.60
SURFACE_ROWS = 3
"""Feet stand on a surface class when it fills this share of the rows of pixels just below the mask."""
LANE_LOOK_M = 100.0
MOTORWAY_MPS = 20.0
STREET_BUILDINGS = 3
LANE_TIE_M = 0.4
LANE_ALONG_COS = 0.7
LANE_JOINT_M = 0.1
LANE_JOINT_COS = 0.97
MOST_WAYS = 24
"""Where lanes overlap we may be in any that is hardly further than the nearest and leads our way. One follows
another when it begins within LANE_JOINT_M of its end and heads the same way. With more ways nothing is said."""
LANE_CLEAR_M = 30.0
"""The lane is called clear when nothing boxed stands in it for this far; further than the look nobody knows."""
LIDAR_RETURNS = 5
"""A thing the camera does not see is reported by LiDAR from this many returns."""
HIDDEN_SHARE = 0.80
SCENERY_PX = 150
SCENERY_COUNT = 3
LYING_DEG = 65.0
"""A thing with a base lies on its side when its own up axis is this far from up, and from down."""
CONTACT_SLACK_NS = 20_000_000
JUST_NS = 400_000_000
HIT_FORCE_N = 0.2
STRIKE_MPS = 0.30
BUMP_MPS = 0.15
STRIKER_LEAD_MPS = 0.10
DOWN_SHARE = 0.70
SIDE_SHARE = 0.50
"""A contact is a strike by the faster body when it closes at STRIKE, mostly down, or at BUMP, mostly sideways."""
BEFORE_NS = 5_000_000
APPROACH_NS = 20_000_000
"""How bodies met is read from their tracks over 20 ms that end 5 ms before the contact."""
AIRBORNE_CM = 2.0
GROUND_M = 0.02
"""Metres that the lowest corner of a thing on the ground may be from height 0."""
MOUTH_SHARE = 0.45
SUNK_SHARE = 0.30
SPAN_SHARE = 0.15
SLOPE_SHARE = 0.75
FALLEN_M = 0.05
PROPPED_DEG = 8.0
PROPPED_MOST_DEG = 65.0
CROSSING_COS = 0.50
CROSSING_M = 0.10
KERB_M = 5.0
"""A walker crosses when at least this far inside the lanes and heading across them; heads for the road from within
5 m beside them."""

SUNNY_CLOUD = 0.35
CLOUDY_CLOUD = 0.42
CLOUDY_MOST = 0.58
OVERCAST_CLOUD = 0.65
FOG_PER_M = 0.01
CLEAR_FOG_PER_M = 0.004
FAINTEST = 0.1
"""Of what keeps less of its contrast in fog and dust than this share, nothing is told and nothing asked."""
WET = 0.5
HIGH_SUN_RAD = 0.26
LOW_SUN_RAD = 0.20
FAINT_SUN = 0.5
RAIN_MM_H, DRY_RAIN_MM_H = 1.0, 0.2
SNOW_MM_H, DRY_SNOW_MM_H = 0.3, 0.05
SNOW_COVER, BARE_COVER = 0.5, 0.2
NIGHT_RAD = -0.16
TWILIGHT_RAD, TWILIGHT_LEAST_RAD = -0.02, -0.12
"""The sun of a night is at least 9.2 degrees down, that of twilight 1.1 to 6.9."""

GATE_M = 60.0
"""Lines, lights and crossings further ahead than this are not spoken of."""
OVER_LINE_M = 0.5
"""Whose front is over a line by no more than this still waits at it."""
AT_LINE_M = 5.0
STEADY_S = 0.10
"""A light's state is told when it does not change within this time, before or after."""
LAMP_PX = 4
"""A lamp shows when so many of its pixels do."""
BESIDE_LEAST, BESIDE_MOST, ONCOMING_MOST = 0.6, 1.4, 3.5
"""The next lane's traffic is so many lane widths beside the middle of ours; of the other direction further."""
WRONG_WAY_COS = 0.90
STALLED_M = 0.10
STALLED_AHEAD_M = 15.0
STALLED_LINE_M = 30.0
OVER_KMH = 3.0
CROSSING_SIDE_M = 2.5
YIELD_STEP_M = 0.5
YIELD_NEAR = 0.6
YIELD_STRAY_M = 1.2
CONES = 3
BEARING_DEG = 15.0
FRONT_DEG, FRONT_GAP_M, FRONT_REACH_M = 40.0, 0.1, 20.0
"""In front of a thing's own front: within this angle, at least so far beyond its side, and no further away."""
JUST_ENDED_S = 2.0
